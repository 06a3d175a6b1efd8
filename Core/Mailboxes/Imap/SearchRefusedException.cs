namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The server answers a SEARCH with BAD or NO. Emails that FETCH lists can still be read.</summary>
internal sealed class SearchRefusedException(string server, string answer, Exception inner)
    : MailboxException($"{server} refuses SEARCH: {answer}", inner)
{
    /// <summary>The server's answer.</summary>
    public string Answer => answer;
}
