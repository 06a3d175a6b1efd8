using EmailIngestion.Mailboxes.Imap;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Says what to do when a mail server refuses a sign-in. Pure.</summary>
internal static class SignInAdvice
{
    private static readonly string[] MicrosoftDomains = ["outlook.com", "office365.com", "office.com", "office365.us", "outlook.cn"];

    private static readonly string[] GoogleHosts = ["imap.gmail.com", "imap.googlemail.com"];

    /// <summary>
    /// The advice after the server has refused a password; null when there is none. A refusal that says nothing about the password needs
    /// none, nor does another provider.
    /// </summary>
    public static string? ForPassword(string host, ServerRefusal? refusal)
    {
        if (refusal is null or { IsThrottling: true } or { Code: "UNAVAILABLE" or "INUSE" })
            return null;
        if (GoogleHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return "Google accepts an app password only, not that of the account: create one, or set Authentication to Google "
                + "(docs/accounts.md).";
        }

        return MicrosoftDomains.Any(domain => host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase))
            ? "Microsoft accepts no password over IMAP: set Authentication to Microsoft (docs/accounts.md)."
            : null;
    }

    /// <summary>Of an access token that is valid.</summary>
    public static string Of(MailboxOptions mailbox) => mailbox switch
    {
        { Authentication: MailboxAuthentication.Microsoft, Microsoft.RefreshToken: null or "" } =>
            "The token is new, so the mailbox refuses the application: check the permission IMAP.AccessAsApp and its admin consent, "
            + "New-ServicePrincipal and Add-MailboxPermission in Exchange Online, and that IMAP is enabled for the mailbox.",
        { Authentication: MailboxAuthentication.Microsoft } =>
            "The token is new, so the mailbox refuses the user: check that Username is the user who signed in, "
            + "and that IMAP is enabled for the mailbox.",
        { Authentication: MailboxAuthentication.Google } =>
            "The token is new, so the mailbox refuses the user: check Username, the scope https://mail.google.com/, "
            + "and that IMAP is enabled for the user.",
        _ => "The token is new, so the mailbox refuses the user: check Username and Scope.",
    };
}
