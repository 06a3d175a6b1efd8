using EmailIngestion.Configuration;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The known SASL mechanisms and their order at the login. Pure.</summary>
internal static class LoginMechanisms
{
    /// <summary>The mechanism LOGIN, or the command LOGIN of RFC 3501 if the server does not offer the mechanism.</summary>
    public const string Login = "LOGIN";

    /// <summary>The mechanism of Google and Microsoft.</summary>
    public const string OAuth2 = "XOAUTH2";

    /// <summary>The mechanism of RFC 7628.</summary>
    public const string OAuthBearer = "OAUTHBEARER";

    private const string Plain = "PLAIN";

    // The strongest first.
    private static readonly string[] Challenges = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5", "NTLM"];

    /// <summary>The valid values of <c>Mailboxes:n:SaslMechanism</c> with a password.</summary>
    public static IReadOnlyList<string> Known { get; } = [Plain, Login, .. Challenges];

    /// <summary>The valid values with an access token; the one that every provider documents first.</summary>
    public static IReadOnlyList<string> WithToken { get; } = [OAuth2, OAuthBearer];

    /// <summary>The mechanism for an access token; null if the server offers none.</summary>
    /// <param name="offered">The mechanisms that the server offers.</param>
    /// <param name="chosen">The setting; null or empty when it is not set.</param>
    public static string? ForToken(IReadOnlySet<string> offered, string? chosen) =>
        !string.IsNullOrEmpty(chosen) ? chosen.ToUpperInvariant() : WithToken.FirstOrDefault(offered.Contains);

    /// <summary>
    /// The mechanisms to try, in order. On a private connection the simplest come first, since every server implements them right.
    /// </summary>
    /// <param name="offered">The mechanisms that the server offers.</param>
    /// <param name="chosen">The setting; null or empty when it is not set.</param>
    /// <param name="isPrivate">Whether the connection is protected against eavesdropping.</param>
    /// <param name="isLoginDisabled">Whether the server forbids the command LOGIN.</param>
    public static IReadOnlyList<string> Order(IReadOnlySet<string> offered, string? chosen, bool isPrivate, bool isLoginDisabled)
    {
        if (!string.IsNullOrEmpty(chosen))
            return [chosen.ToUpperInvariant()];
        string[] simple = [Plain, Login];
        string[] all = isPrivate ? [.. simple, .. Challenges] : [.. Challenges, .. simple];
        return [.. all.Where(mechanism => offered.Contains(mechanism) || (mechanism == Login && !isLoginDisabled))];
    }

    /// <summary>Whether the connection uses TLS or stays within this machine.</summary>
    public static bool IsPrivate(MailboxOptions options) =>
        options.Security != MailboxSecurity.None || ThisMachine.Has(options.Host);
}
