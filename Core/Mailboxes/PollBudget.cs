namespace EmailIngestion.Mailboxes;

/// <summary>
/// The bytes of mail that all polls of this process may hold at a time. A poll that needs more waits in line. A request larger than the limit goes
/// alone. Smaller ones may overtake it while it waits, but only so often.
/// </summary>
internal sealed class PollBudget(long limit)
{
    private const int MaxOvertaking = 64;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _used;

    /// <summary>The most that were held at a time so far.</summary>
    public long Peak { get; private set; }

    /// <summary>How many requests are waiting.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>The most bytes at a time, unless one email alone is larger.</summary>
    public long Limit => limit;

    public BodyBuffers Buffers { get; } = new();

    /// <summary>A share of it for one poll, which gives back on disposal what it still holds.</summary>
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

    /// <summary>Takes bytes that are there already: a server sent more than it had announced.</summary>
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
            // It may have been served just now.
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
