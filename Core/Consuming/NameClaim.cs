using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// This process's claim to its chosen consumer name in one partition. It ends by our own clock when it was not renewed within its life, as the
/// key in Redis does: a process that stood still knows so before it asks.
/// </summary>
internal sealed class NameClaim(ConsumerGroup group, TimeProvider time)
{
    /// <summary>How long a name outlives its process.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private long _renewed;
    private volatile bool _held;
    private volatile bool _taken;

    /// <summary>Another process has taken the name since this one held it. It stays so.</summary>
    public bool IsTaken => _taken;

    /// <summary>Why this process ends when the name was taken.</summary>
    public string Taken => $"Consumer name '{group.Name}' was taken over by another process while this one was away.";

    private bool IsValid => _held && !_taken && time.GetElapsedTime(Volatile.Read(ref _renewed)) < Life;

    /// <summary>Asks Redis for the name. False: another process has it.</summary>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        if (!await group.AcquireNameAsync(Life, cancellationToken))
        {
            _taken = _held;
            return false;
        }

        Volatile.Write(ref _renewed, asked);
        _held = true;
        return true;
    }

    /// <summary>Whether deliveries may be read and begun under the name now. It is renewed first when its life is over.</summary>
    public async ValueTask<bool> EnsureAsync(CancellationToken cancellationToken) =>
        IsValid || (!_taken && await RenewAsync(cancellationToken));
}
