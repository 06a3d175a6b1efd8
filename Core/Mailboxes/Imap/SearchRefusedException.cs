namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The server answers a SEARCH with BAD or NO. What FETCH names can be read all the same.</summary>
internal sealed class SearchRefusedException(string server, string answer, Exception inner)
    : MailboxException($"{server} refuses SEARCH: {answer}", inner)
{
    /// <summary>What it says.</summary>
    public string Answer => answer;
}
