namespace EmailIngestion.Streams;

/// <summary>
/// The time a delivery is ours. It runs out by itself unless it is renewed, and what runs under it stops through <see cref="Held"/>.
/// Nothing is settled after that: the scripts would refuse it.
/// </summary>
internal sealed class Lease : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _held;

    // A tenth early, so that we have stopped when Redis lets another consumer reclaim the entry.
    private readonly TimeSpan _life;
    private bool _ended;

    public Lease(Delivery delivery, TimeSpan life, TimeProvider time)
    {
        Delivery = delivery;
        _life = life * 0.9;
        _held = new CancellationTokenSource(_life, time);
        Held = _held.Token;
    }

    public Delivery Delivery { get; }

    /// <summary>Cancelled when the lease is lost.</summary>
    public CancellationToken Held { get; }

    public bool IsLost => Held.IsCancellationRequested;

    /// <summary>Redis has confirmed that the delivery is still ours.</summary>
    public void Renew() => IfRunning(() => _held.CancelAfter(_life));

    /// <summary>Redis says that the delivery is another's.</summary>
    public void Lose() => IfRunning(() => _ = _held.CancelAsync());

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _held.Dispose();
        }
    }

    // The delivery may be settled, and its lease over, while Redis is being asked about it.
    private void IfRunning(Action action)
    {
        lock (_gate)
        {
            if (!_ended)
                action();
        }
    }
}
