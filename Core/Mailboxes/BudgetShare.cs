namespace EmailIngestion.Mailboxes;

/// <summary>The bytes that one poll has taken from the <see cref="PollBudget"/>.</summary>
internal sealed class BudgetShare(PollBudget budget) : IDisposable
{
    private readonly Lock _gate = new();
    private long _taken;
    private bool _isDisposed;

    public BodyBuffers Buffers => budget.Buffers;

    /// <summary>The largest request in bytes with which several polls fit into the budget.</summary>
    public long FairPart => budget.Limit / 4;

    /// <summary>Whether the poll waits for bytes that other polls have taken.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Blocks until the bytes are free, and takes them.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public void Take(long bytes, CancellationToken cancellationToken)
    {
        IsWaiting = true;
        budget.TakeAsync(bytes, cancellationToken).GetAwaiter().GetResult();
        IsWaiting = false;
        Add(bytes);
    }

    /// <summary>Takes bytes without waiting: they are in memory already.</summary>
    public void Grow(long bytes)
    {
        budget.Grow(bytes);
        Add(bytes);
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _taken -= bytes;
        }

        budget.Release(bytes);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        budget.Release(_taken);
    }

    private void Add(long bytes)
    {
        lock (_gate)
            _taken += bytes;
    }
}
