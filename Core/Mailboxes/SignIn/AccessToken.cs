namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>An access token.</summary>
/// <param name="Value">The token. It is a secret.</param>
/// <param name="ExpiresAt">The end of its validity.</param>
internal sealed record AccessToken(string Value, DateTimeOffset ExpiresAt)
{
    // Keeps the token out of logs and errors.
    public override string ToString() => $"access token until {ExpiresAt:u}";
}
