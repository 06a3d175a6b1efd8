namespace EmailIngestion.Mailboxes.Imap;

/// <summary>A folder that is open to be watched.</summary>
internal sealed class WatchedFolder(ImapSession session, SessionSource source, FolderWatch watch) : IDisposable
{
    /// <summary>Its state when it was opened.</summary>
    public FolderState State => session.State;

    /// <inheritdoc cref="FolderWatch.WaitAsync"/>
    public Task<bool> WaitAsync(CancellationToken wanted, CancellationToken stopping) => watch.WaitAsync(session, wanted, stopping);

    public void Dispose() => source.Return(session);
}
