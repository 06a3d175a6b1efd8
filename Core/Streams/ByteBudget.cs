namespace EmailIngestion.Streams;

/// <summary>
/// The bytes of emails that one process has in work at a time, over all the partitions it serves. A small entry always fits while there is
/// room for one. A larger one must leave an eighth of the limit to the small ones; when nothing large is in work, one may go beyond that, so
/// an email of any size comes to its turn.
/// </summary>
/// <param name="limit">In bytes, at least 1 MiB.</param>
internal sealed class ByteBudget(long limit) : IDisposable
{
    /// <summary>An entry up to this size is small: it never waits for a large one. As in budget.lua, append.lua and replay.lua.</summary>
    public const int SmallBytes = 64 * 1024;

    /// <summary>The default of the settings.</summary>
    public const long DefaultLimit = 64 * 1024 * 1024;

    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private long _used;
    private int _exclusive;
    private long _returns;

    /// <summary>In bytes.</summary>
    public long Limit => limit;

    /// <summary>What may be taken now.</summary>
    public ByteRoom Room
    {
        get
        {
            lock (_gate)
                return new ByteRoom(Math.Max(0, limit - _used), Math.Max(0, ForLarge - _used), limit / 4, _exclusive == 0);
        }
    }

    /// <summary>Whether a large email is in work, beside which no other one may go beyond the limit.</summary>
    public bool HasLarge
    {
        get
        {
            lock (_gate)
                return _exclusive > 0;
        }
    }

    /// <summary>How often an email that is not small has ended: after that one that waits may fit.</summary>
    public long Returns => Interlocked.Read(ref _returns);

    private long ForLarge => limit - (limit / 8);

    /// <summary>Counts an email that was handed to this process, whatever its size.</summary>
    public ByteCharge Take(long bytes)
    {
        lock (_gate)
        {
            var exclusive = false;
            if (bytes > SmallBytes)
            {
                var room = Math.Max(0, ForLarge - _used);
                exclusive = bytes > limit / 4 || bytes > room;
                bytes = Math.Min(bytes, room);
            }

            _used += bytes;
            _exclusive += exclusive ? 1 : 0;
            return new ByteCharge(bytes, exclusive);
        }
    }

    /// <summary>The email has ended.</summary>
    public void Return(ByteCharge charge)
    {
        lock (_gate)
        {
            _used -= charge.Bytes;
            _exclusive -= charge.Exclusive ? 1 : 0;
        }

        if (charge.Exclusive || charge.Bytes > SmallBytes)
            Interlocked.Increment(ref _returns);
    }

    /// <summary>
    /// Partitions fetch by the room one after another, or each would fill the same room. False after a while: a partition whose Redis hangs does
    /// not hold up the others, which then fill the room once more at most.
    /// </summary>
    public Task<bool> EnterAsync(CancellationToken cancellationToken) => _fetching.WaitAsync(LongestFetch, cancellationToken);

    public void Exit() => _fetching.Release();

    public void Dispose() => _fetching.Dispose();
}
