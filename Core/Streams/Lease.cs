namespace EmailIngestion.Streams;

/// <summary>
/// The time in which this consumer owns a delivery. It runs out unless it is renewed. Then <see cref="Stop"/> stops the run, and nothing is
/// settled: the scripts would refuse it.
/// </summary>
/// <param name="delivery">The owned delivery.</param>
/// <param name="life">The length of the lease in Redis.</param>
/// <param name="time">The clock. Only intervals count, not the time of day.</param>
/// <param name="budget">The budget that is charged for the delivery's bytes until the lease is disposed. Null: none.</param>
/// <param name="since">When Redis was asked for the delivery, as a timestamp of the clock. Null: now.</param>
internal sealed class Lease(Delivery delivery, TimeSpan life, TimeProvider time, ByteBudget? budget = null, long? since = null)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();

    // A tenth shorter than in Redis, so that the run has stopped when another consumer may reclaim the entry.
    private readonly TimeSpan _life = life * 0.9;
    private readonly ByteCharge _charge = budget?.Take(delivery.Bytes) ?? default;
    private List<ByteCharge>? _loaded;
    private long _since = since ?? time.GetTimestamp();
    private volatile bool _lost;
    private volatile bool _reclaimed;
    private volatile bool _abandoned;
    private bool _disposed;

    public Delivery Delivery => delivery;

    /// <summary>When this process got the delivery, as a timestamp of the clock.</summary>
    public long Began { get; } = since ?? time.GetTimestamp();

    /// <summary>How long the run has waited in <see cref="Charge"/>.</summary>
    public RoomWatch Room { get; } = new(time);

    /// <summary>Cancelled when the lease is lost or the run is abandoned.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The lease has run out, or another consumer owns the delivery.</summary>
    public bool IsLost => _lost || HasRunOut;

    /// <summary>This process stops and has waited for the run as long as it may.</summary>
    public bool IsAbandoned => _abandoned;

    /// <summary>
    /// No other consumer can own the delivery yet: Redis has not reported one, and the whole lease in Redis has not run out. False after
    /// <see cref="Abandon"/>.
    /// </summary>
    public bool MayBeOurs => !_reclaimed && !_abandoned && time.GetElapsedTime(Volatile.Read(ref _since)) < life;

    private bool HasRunOut => time.GetElapsedTime(Volatile.Read(ref _since)) >= _life;

    /// <summary>
    /// Charges memory that the run needs besides, until the lease is disposed: its processor takes the whole message into memory. It waits
    /// until there is room.
    /// </summary>
    public void Charge(long bytes, CancellationToken cancellationToken)
    {
        if (budget is null)
            return;
        var charge = Room.Run(() => budget.Load(bytes, this, cancellationToken));
        lock (_gate)
        {
            // A run that was abandoned.
            if (_disposed)
                budget.Return(charge);
            else
                (_loaded ??= []).Add(charge);
        }
    }

    /// <summary>Renews the lease from the time at which Redis was asked and confirmed that this consumer owns the delivery.</summary>
    public void Renew(long asked) => Volatile.Write(ref _since, asked);

    /// <summary>Marks the lease as lost, because Redis reports that another consumer owns the delivery.</summary>
    public void Lose()
    {
        _reclaimed = true;
        _lost = true;
        Cancel();
    }

    /// <summary>Stops the run if the lease was not renewed in time.</summary>
    public void Check()
    {
        if (_lost || !HasRunOut)
            return;
        _lost = true;
        Cancel();
    }

    /// <summary>Stops the run, because this process stops.</summary>
    public void Abandon()
    {
        _abandoned = true;
        Cancel();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                budget?.Return(_charge);
                _loaded?.ForEach(charge => budget!.Return(charge));
            }

            _disposed = true;
            _stop.Dispose();
        }
    }

    // The delivery may be settled and its lease disposed while a renewal waits for Redis.
    private void Cancel()
    {
        lock (_gate)
        {
            if (!_disposed)
                _ = _stop.CancelAsync();
        }
    }
}
