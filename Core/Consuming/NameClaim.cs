using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// The claim of this process to its consumer name in one partition. Without a renewal it expires by the local clock, like the key in Redis:
/// a process that was suspended knows that its claim has expired before it asks Redis.
/// </summary>
internal sealed class NameClaim(ConsumerGroup group, TimeProvider time)
{
    /// <summary>How long a name stays in use after its process has died: 15 seconds.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private long _renewed;
    private volatile bool _acquired;
    private volatile bool _taken;

    /// <summary>Whether another process has taken the name after this process had acquired it. It does not become false again.</summary>
    public bool IsTaken => _taken;

    /// <summary>The error message for a name that was taken.</summary>
    public string Taken => $"Consumer name '{group.Name}' was taken over by another process while this one was suspended or without Redis.";

    private bool IsValid => _acquired && !_taken && time.GetElapsedTime(Volatile.Read(ref _renewed)) < Life;

    /// <summary>Acquires or renews the name in Redis.</summary>
    /// <returns>False if another process has the name.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        if (!await group.AcquireNameAsync(Life, cancellationToken))
        {
            _taken = _acquired;
            return false;
        }

        Volatile.Write(ref _renewed, asked);
        _acquired = true;
        return true;
    }

    /// <summary>Whether the consumer may read and start deliveries now. Renews an expired claim first.</summary>
    public async ValueTask<bool> EnsureAsync(CancellationToken cancellationToken) =>
        IsValid || (!_taken && await RenewAsync(cancellationToken));
}
