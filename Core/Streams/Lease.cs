namespace EmailIngestion.Streams;

/// <summary>
/// The time a delivery is ours. It runs out by itself unless it is renewed, and what runs under it stops through <see cref="Stop"/>.
/// Nothing is settled after that: the scripts would refuse it.
/// </summary>
/// <param name="delivery">What is ours.</param>
/// <param name="life">How long.</param>
/// <param name="time">Its interval counts, not the time of day.</param>
/// <param name="budget">What the delivery's bytes are counted in until the lease is disposed; null: nowhere.</param>
/// <param name="since">When the delivery was asked for, if that was not just now.</param>
internal sealed class Lease(Delivery delivery, TimeSpan life, TimeProvider time, ByteBudget? budget = null, long? since = null)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();

    // A tenth early, so that we have stopped when Redis lets another consumer reclaim the entry.
    private readonly TimeSpan _life = life * 0.9;
    private readonly ByteCharge _charge = budget?.Take(delivery.Bytes) ?? default;
    private long _since = since ?? time.GetTimestamp();
    private volatile bool _lost;
    private volatile bool _taken;
    private volatile bool _abandoned;
    private bool _ended;

    public Delivery Delivery => delivery;

    /// <summary>Cancelled when the lease is lost, and when this process gives up what runs.</summary>
    public CancellationToken Stop => _stop.Token;

    public bool IsLost => _lost || HasRunOut;

    /// <summary>This process stops and has waited long enough.</summary>
    public bool IsAbandoned => _abandoned;

    /// <summary>
    /// Nobody else can have it yet: Redis has not said so, and it may be reclaimed only when the whole lease is over. False when this process
    /// stops.
    /// </summary>
    public bool MayBeOurs => !_taken && !_abandoned && time.GetElapsedTime(Volatile.Read(ref _since)) < life;

    private bool HasRunOut => time.GetElapsedTime(Volatile.Read(ref _since)) >= _life;

    /// <summary>Redis, asked at that time, has confirmed that the delivery is still ours.</summary>
    public void Renew(long asked) => Volatile.Write(ref _since, asked);

    /// <summary>Redis says that the delivery is another's.</summary>
    public void Lose()
    {
        _taken = true;
        _lost = true;
        Cancel();
    }

    /// <summary>Stops what runs under it if nobody has renewed it in time.</summary>
    public void Check()
    {
        if (_lost || !HasRunOut)
            return;
        _lost = true;
        Cancel();
    }

    public void Abandon()
    {
        _abandoned = true;
        Cancel();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_ended)
                budget?.Return(_charge);
            _ended = true;
            _stop.Dispose();
        }
    }

    // The delivery may be settled, and its lease over, while Redis is being asked about it.
    private void Cancel()
    {
        lock (_gate)
        {
            if (!_ended)
                _ = _stop.CancelAsync();
        }
    }
}
