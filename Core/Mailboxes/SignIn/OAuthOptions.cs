namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Section <c>Mailboxes:n:OAuth</c>: how the mailbox gets access tokens from any OAuth 2.0 provider, by a refresh token.</summary>
public sealed class OAuthOptions
{
    /// <summary>The address that issues access tokens.</summary>
    public string? TokenEndpoint { get; set; }

    /// <summary>The address of the consent page. Only <c>signin</c> needs it.</summary>
    public string? AuthorizationEndpoint { get; set; }

    /// <summary>The address that issues device codes. Only <c>signin --device</c> needs it.</summary>
    public string? DeviceEndpoint { get; set; }

    /// <summary>The client ID of the application.</summary>
    public string? ClientId { get; set; }

    /// <summary>The client secret of the application. Default: none, for a public client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A refresh token of the user.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>The requested scope. Default: the scope of the refresh token.</summary>
    public string? Scope { get; set; }
}
