namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Opens the folders that are watched, over the connections that the polls use too.</summary>
internal sealed class WatchedFolders(Func<MailboxOptions, SessionSource> sources, PollBudget budget, FolderWatch watch)
{
    /// <summary>Opens the folder of a mailbox. Disposing the result leaves the connection to the next poll.</summary>
    /// <exception cref="MailboxException">The folder cannot be opened; the message is one line for a person.</exception>
    public async Task<WatchedFolder> OpenAsync(MailboxOptions mailbox, CancellationToken cancellationToken)
    {
        var source = sources(mailbox);
        var session = await budget.Threads.RunAsync(() => source.Open(cancellationToken), cancellationToken);
        return new WatchedFolder(session, mailbox.EffectiveFolder, source, watch);
    }
}
