namespace EmailIngestion.Mailboxes;

/// <summary>The ways to sign in to a mail server.</summary>
public enum MailboxAuthentication
{
    /// <summary>By user name and password.</summary>
    Password,

    /// <summary>By an access token of Microsoft Entra ID, for Microsoft 365 and Outlook.com.</summary>
    Microsoft,

    /// <summary>By an access token of Google.</summary>
    Google,

    /// <summary>By an access token of any other OAuth 2.0 provider.</summary>
    OAuth,
}
