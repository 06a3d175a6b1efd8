namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Section <c>Mailboxes:n:Microsoft</c>: how the mailbox gets access tokens from Microsoft Entra ID. With a refresh token it signs in as a
/// user, otherwise as an application: by secret, by certificate or by workload identity.
/// </summary>
public sealed class MicrosoftOptions
{
    /// <summary>
    /// The directory (tenant), by ID or by domain. Default: <c>common</c> for a refresh token, AZURE_TENANT_ID for workload identity.
    /// </summary>
    public string? Tenant { get; set; }

    /// <summary>The application (client) ID. Default: AZURE_CLIENT_ID for workload identity.</summary>
    public string? ClientId { get; set; }

    /// <summary>The value of a client secret of the application.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the certificate of the application (PEM), in place of the secret.</summary>
    public string? ClientCertificate { get; set; }

    /// <summary>The file of its private key (PEM, not encrypted). Default: the key is in the certificate's file.</summary>
    public string? ClientCertificateKey { get; set; }

    /// <summary>A refresh token of the user, for an application without permission of its own.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>The address of Entra ID. National clouds have another one. Default https://login.microsoftonline.com.</summary>
    public string Authority { get; set; } = "https://login.microsoftonline.com";

    /// <summary>
    /// The requested scope. Default: <c>https://outlook.office365.com/.default</c> for an application, and
    /// <c>https://outlook.office.com/IMAP.AccessAsUser.All offline_access</c> for a refresh token.
    /// </summary>
    public string? Scope { get; set; }
}
