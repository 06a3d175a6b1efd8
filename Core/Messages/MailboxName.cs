namespace EmailIngestion.Messages;

/// <summary>The name and identity of a mailbox: <c>account/folder</c>.</summary>
internal static class MailboxName
{
    private const char Separator = '/';

    public static string Of(string account, string folder) => $"{account}{Separator}{folder}";

    /// <summary>Splits a name at its first slash: an account has none in practice, a folder may have some.</summary>
    public static (string Account, string Folder) Split(string mailbox)
    {
        var slash = mailbox.IndexOf(Separator);
        return slash < 0 ? (mailbox, "") : (mailbox[..slash], mailbox[(slash + 1)..]);
    }
}
