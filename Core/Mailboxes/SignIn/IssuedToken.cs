namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>An access token of an account, and what mail servers said about it.</summary>
/// <param name="token">The token.</param>
/// <param name="issuedAt">When it was issued.</param>
/// <param name="replaces">Whether it replaces a token that a mail server refused.</param>
internal sealed class IssuedToken(AccessToken token, DateTimeOffset issuedAt, bool replaces)
{
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    public AccessToken Token => token;

    /// <summary>Whether a mail server has accepted the token.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>Whether the token is used without a renewal: until five minutes before its end, or half of a short life.</summary>
    public bool IsCurrent(DateTimeOffset now)
    {
        var half = (token.ExpiresAt - issuedAt) / 2;
        return now < token.ExpiresAt - (half < RenewedBefore ? half : RenewedBefore);
    }

    public bool IsValid(DateTimeOffset now) => now < token.ExpiresAt;

    /// <summary>
    /// Whether a new token may help after a refusal. A token that was renewed for a refusal and is refused again shows that the mail
    /// server refuses the account.
    /// </summary>
    public bool IsWorthRenewing(DateTimeOffset now) => IsAccepted || !replaces || now - issuedAt > Fresh;
}
