namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Says what to do when a mail server refuses an access token that is valid. Pure.</summary>
internal static class SignInAdvice
{
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
