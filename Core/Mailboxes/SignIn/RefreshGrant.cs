namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The settings of the refresh token grant (RFC 6749, section 6).</summary>
/// <param name="Endpoint">The token endpoint.</param>
/// <param name="ClientId">The application.</param>
/// <param name="ClientSecret">Its secret; null for a public client.</param>
/// <param name="RefreshToken">The refresh token of the settings.</param>
/// <param name="Scope">The scope; null for that of the refresh token.</param>
internal sealed record RefreshGrant(Uri Endpoint, string ClientId, string? ClientSecret, string RefreshToken, string? Scope)
{
    /// <summary>The grant of a mailbox; null if it signs in without a refresh token.</summary>
    public static RefreshGrant? Of(MailboxOptions mailbox) => mailbox.Authentication switch
    {
        MailboxAuthentication.Microsoft when mailbox.Microsoft is { RefreshToken: { Length: > 0 } token } entra => new(
            MicrosoftEndpoints.Of(entra, "token"), entra.ClientId!, entra.ClientSecret, token, MicrosoftEndpoints.ScopeOf(entra)),
        MailboxAuthentication.Google when mailbox.Google is { RefreshToken: { Length: > 0 } token } google =>
            new(GoogleEndpoints.Token, google.ClientId!, google.ClientSecret, token, null),
        MailboxAuthentication.OAuth => new(
            new Uri(mailbox.OAuth.TokenEndpoint!),
            mailbox.OAuth.ClientId!,
            mailbox.OAuth.ClientSecret,
            mailbox.OAuth.RefreshToken!,
            mailbox.OAuth.Scope),
        _ => null,
    };

    public IEnumerable<(string Name, string? Value)> Parameters(string refreshToken) =>
    [
        ("grant_type", "refresh_token"),
        ("client_id", ClientId),
        ("client_secret", ClientSecret),
        ("refresh_token", refreshToken),
        ("scope", Scope),
    ];

    // Keeps the secrets out of logs and errors.
    public override string ToString() => Endpoint.Authority;
}
