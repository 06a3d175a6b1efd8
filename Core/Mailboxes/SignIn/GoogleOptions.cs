namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Section <c>Mailboxes:n:Google</c>: how the mailbox gets access tokens from Google: by a service account with domain-wide delegation, or
/// by a refresh token of the user.
/// </summary>
public sealed class GoogleOptions
{
    /// <summary>The file of a service account's key (JSON). The service account acts as the mailbox's <c>Username</c>.</summary>
    public string? ServiceAccountFile { get; set; }

    /// <summary>The client ID of the application, with a refresh token.</summary>
    public string? ClientId { get; set; }

    /// <summary>The client secret of the application, with a refresh token.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A refresh token of the user.</summary>
    public string? RefreshToken { get; set; }
}
