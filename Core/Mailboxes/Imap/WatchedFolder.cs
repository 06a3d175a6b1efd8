namespace EmailIngestion.Mailboxes.Imap;

/// <summary>A folder that is open to be watched.</summary>
internal sealed class WatchedFolder(ImapSession session, string name, SessionSource source, FolderWatch watch) : IDisposable
{
    /// <summary>Its state when it was opened.</summary>
    public FolderState State => session.State;

    /// <inheritdoc cref="FolderWatch.WaitAsync"/>
    public async Task<bool> WaitAsync(Action arrived, CancellationToken wanted, CancellationToken stopping)
    {
        var hasArrived = await watch.WaitAsync(session, arrived, wanted, stopping);
        if (hasArrived)
            session.NoteAnnouncement(name);
        return hasArrived;
    }

    public void Dispose() => source.Return(session);
}
