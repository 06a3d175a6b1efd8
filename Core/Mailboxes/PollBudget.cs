namespace EmailIngestion.Mailboxes;

/// <summary>
/// Limits the bytes of mail that all polls of this process have in memory. A request that does not fit waits in a queue. A request larger
/// than the limit is served when no other bytes are taken. Smaller requests may overtake the first one in the queue a limited number of
/// times.
/// </summary>
internal sealed class PollBudget(long limit) : IDisposable
{
    private const int MaxOvertaking = 64;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _used;

    /// <summary>The largest number of bytes taken at a time so far.</summary>
    public long Peak { get; private set; }

    /// <summary>The number of waiting requests.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>The limit in bytes. A single larger email may exceed it.</summary>
    public long Limit => limit;

    /// <summary>The arrays for the bodies.</summary>
    public BodyBuffers Buffers { get; } = new();

    /// <summary>The threads for the calls to the mail servers.</summary>
    public MailboxThreads Threads { get; } = new();

    public void Dispose() => Threads.Dispose();

    /// <summary>Opens a share for one poll. Its disposal releases the bytes that it still has.</summary>
    public BudgetShare Open() => new(this);

    /// <summary>Waits until the bytes are free, and takes them.</summary>
    internal async Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes);
        lock (_gate)
        {
            _waiting.AddLast(waiter);
            Serve();
        }

        await using (cancellationToken.Register(() => Withdraw(waiter, cancellationToken)))
            await waiter.Served.Task;
    }

    /// <summary>Takes bytes without waiting: a server sent more than it had announced, so they are in memory already.</summary>
    internal void Grow(long bytes)
    {
        lock (_gate)
            Use(bytes);
    }

    internal void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            Serve();
        }
    }

    private void Withdraw(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // The waiter may have been served already.
            if (!_waiting.Remove(waiter))
                return;
            waiter.Served.TrySetCanceled(cancellationToken);
            Serve();
        }
    }

    private void Serve()
    {
        for (var node = _waiting.First; node is not null;)
        {
            var (waiter, next) = (node.Value, node.Next);
            var first = _waiting.First!.Value;
            if (Fits(waiter.Bytes) && (waiter == first || first.Overtaken < MaxOvertaking))
            {
                if (waiter != first)
                    first.Overtaken++;
                _waiting.Remove(node);
                Use(waiter.Bytes);
                waiter.Served.TrySetResult();
            }

            node = next;
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= limit;

    private void Use(long bytes)
    {
        _used += bytes;
        Peak = Math.Max(Peak, _used);
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes => bytes;

        public int Overtaken { get; set; }

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
