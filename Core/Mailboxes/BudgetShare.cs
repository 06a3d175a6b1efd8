namespace EmailIngestion.Mailboxes;

/// <summary>What one poll holds of the <see cref="PollBudget"/>.</summary>
internal sealed class BudgetShare(PollBudget budget) : IDisposable
{
    private readonly Lock _gate = new();
    private long _held;
    private bool _isDisposed;

    public BodyBuffers Buffers => budget.Buffers;

    /// <summary>The most bytes to ask for together, so that several requests fit into the budget.</summary>
    public long FairPart => budget.Limit / 4;

    /// <summary>Whether it waits for bytes that other polls hold.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Takes bytes, and blocks until they are free.</summary>
    /// <exception cref="OperationCanceledException">The token said so before they were.</exception>
    public void Take(long bytes, CancellationToken cancellationToken)
    {
        IsWaiting = true;
        budget.TakeAsync(bytes, cancellationToken).GetAwaiter().GetResult();
        IsWaiting = false;
        Hold(bytes);
    }

    /// <summary>Takes bytes that are there already.</summary>
    public void Grow(long bytes)
    {
        budget.Grow(bytes);
        Hold(bytes);
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _held -= bytes;
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

        budget.Release(_held);
    }

    private void Hold(long bytes)
    {
        lock (_gate)
            _held += bytes;
    }
}
