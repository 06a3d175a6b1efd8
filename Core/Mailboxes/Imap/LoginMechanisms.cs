using System.Net;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Which SASL mechanisms there are, and in which order they are tried. Pure.</summary>
internal static class LoginMechanisms
{
    /// <summary>The mechanism, or the command of RFC 3501 where the server does not offer the mechanism.</summary>
    public const string Login = "LOGIN";

    private const string Plain = "PLAIN";

    // The strongest first.
    private static readonly string[] Challenges = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5", "NTLM"];

    /// <summary>What <c>Mailboxes:n:SaslMechanism</c> may name.</summary>
    public static IReadOnlyList<string> Known { get; } = [Plain, Login, .. Challenges];

    /// <summary>The mechanisms to try. Where nobody can read what is sent, those come first that every server gets right.</summary>
    /// <param name="offered">What the server offers.</param>
    /// <param name="chosen">The setting; null or empty: none.</param>
    /// <param name="isPrivate">Nobody on the way can read what is sent.</param>
    /// <param name="isLoginDisabled">The server forbids the command LOGIN.</param>
    public static IReadOnlyList<string> Order(IReadOnlySet<string> offered, string? chosen, bool isPrivate, bool isLoginDisabled)
    {
        if (!string.IsNullOrEmpty(chosen))
            return [chosen.ToUpperInvariant()];
        string[] simple = [Plain, Login];
        string[] all = isPrivate ? [.. simple, .. Challenges] : [.. Challenges, .. simple];
        return [.. all.Where(mechanism => offered.Contains(mechanism) || (mechanism == Login && !isLoginDisabled))];
    }

    /// <summary>Whether the way to the server is protected, or within this machine.</summary>
    public static bool IsPrivate(MailboxOptions options) =>
        options.Security != MailboxSecurity.None
        || options.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(options.Host, out var address) && IPAddress.IsLoopback(address));
}
