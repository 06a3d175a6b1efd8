namespace EmailIngestion.Mailboxes;

/// <summary>
/// The threads for the blocking calls to mail servers. A few of them wait for the next call: a new thread takes longer to start than a poll
/// works for a single email. Their number has no limit: a call that hangs delays no other.
/// </summary>
internal sealed class MailboxThreads : TaskScheduler, IDisposable
{
    private const int MostWaiting = 4;

    private readonly object _gate = new();

    // One of the waiting threads takes each of them.
    private readonly Queue<Task> _calls = new();
    private int _waiting;
    private bool _isDisposed;

    /// <summary>Runs a blocking call.</summary>
    public Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        // Hidden: a call may wait for a task, and the continuations of that task belong to the thread pool.
        Task.Factory.StartNew(call, cancellationToken, TaskCreationOptions.HideScheduler, this);

    /// <summary>Ends the threads that wait. The others end with their call.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            if (_calls.Count < _waiting && !_isDisposed)
            {
                _calls.Enqueue(task);
                Monitor.Pulse(_gate);
                return;
            }
        }

        new Thread(() => Work(task)) { IsBackground = true }.Start();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
            return [.. _calls];
    }

    private void Work(Task first)
    {
        for (var call = first; call is not null; call = Next())
            TryExecuteTask(call);
    }

    // Null: the thread ends.
    private Task? Next()
    {
        lock (_gate)
        {
            if (_waiting == MostWaiting)
                return null;
            _waiting++;
            while (_calls.Count == 0 && !_isDisposed)
                Monitor.Wait(_gate);
            _waiting--;
            return _calls.TryDequeue(out var call) ? call : null;
        }
    }
}
