namespace EmailIngestion.Mailboxes;

/// <summary>Ends the poll and the watch of a mailbox when somebody pauses it, and lets them wait for the end of the pause.</summary>
internal sealed class MailboxPause : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _paused = new();
    private TaskCompletionSource _resumed = Completed();

    /// <summary>Cancelled when the mailbox is paused.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_gate)
                return _paused.Token;
        }
    }

    /// <summary>Waits while the mailbox is paused.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task WhenResumedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _resumed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Begins or ends the pause. Nothing happens if it is so already.</summary>
    public void Set(bool paused)
    {
        lock (_gate)
        {
            if (paused == _paused.IsCancellationRequested)
                return;
            if (paused)
            {
                _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                // Asynchronously: a watch may send its answer to the server in the callback.
                _ = _paused.CancelAsync();
            }
            else
            {
                // The former source is not disposed, since a poll that it has ended may still use its token.
                _paused = new CancellationTokenSource();
                _resumed.TrySetResult();
            }
        }
    }

    public void Dispose() => _paused.Dispose();

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
