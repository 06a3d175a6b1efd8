namespace EmailIngestion.Streams;

/// <summary>
/// The time a delivery is ours. It runs out by itself unless it is renewed, and what runs under it stops through <see cref="Held"/>.
/// Nothing is settled after that: the scripts would refuse it.
/// </summary>
internal sealed class Lease : IDisposable
{
    private readonly CancellationTokenSource _held;

    // A tenth early, so that we have stopped when Redis lets another consumer reclaim the entry.
    private readonly TimeSpan _life;

    public Lease(Delivery delivery, TimeSpan life, TimeProvider time)
    {
        Delivery = delivery;
        _life = life * 0.9;
        _held = new CancellationTokenSource(_life, time);
    }

    public Delivery Delivery { get; }

    /// <summary>Cancelled when the lease is lost.</summary>
    public CancellationToken Held => _held.Token;

    public bool IsLost => _held.IsCancellationRequested;

    /// <summary>Redis has confirmed that the delivery is still ours.</summary>
    public void Renew() => _held.CancelAfter(_life);

    /// <summary>Redis says that the delivery is another's.</summary>
    public void Lose() => _held.Cancel();

    public void Dispose() => _held.Dispose();
}
