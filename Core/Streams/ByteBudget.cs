namespace EmailIngestion.Streams;

/// <summary>
/// Limits the bytes of emails that one process has in work at a time, over all the partitions it serves. A small entry fits while there is
/// room for one. A larger entry must leave an eighth of the limit to the small ones. When nothing large is in work, one entry may exceed
/// that, so that an email of any size gets its turn.
/// </summary>
/// <param name="limit">In bytes, at least 1 MiB.</param>
internal sealed class ByteBudget(long limit) : IDisposable
{
    /// <summary>
    /// An entry up to this size, in bytes, is small: it never waits for a large one. The same number is in budget.lua, append.lua and
    /// replay.lua.
    /// </summary>
    public const int SmallBytes = 64 * 1024;

    /// <summary>The default of the setting, in bytes.</summary>
    public const long DefaultLimit = 64 * 1024 * 1024;

    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private long _used;
    private int _exclusive;
    private long _returns;

    /// <summary>In bytes.</summary>
    public long Limit => limit;

    /// <summary>The room that is left now.</summary>
    public ByteRoom Room
    {
        get
        {
            lock (_gate)
                return new ByteRoom(Math.Max(0, limit - _used), Math.Max(0, ForLarge - _used), limit / 4, _exclusive == 0);
        }
    }

    /// <summary>Whether a large email is in work. Then no other email may exceed the limit.</summary>
    public bool HasLarge
    {
        get
        {
            lock (_gate)
                return _exclusive > 0;
        }
    }

    /// <summary>How many emails that are not small have ended. After each, an entry that waits may fit.</summary>
    public long Returns => Interlocked.Read(ref _returns);

    private long ForLarge => limit - (limit / 8);

    /// <summary>Charges an email of any size that was delivered to this process.</summary>
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

    /// <summary>Returns the bytes of an email that has ended.</summary>
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
    /// Begins a fetch. Partitions fetch one after another, or each would fill the same room. False after 5 seconds, so that a partition
    /// whose Redis hangs does not block the others. They then fill the room once more at most.
    /// </summary>
    public Task<bool> EnterAsync(CancellationToken cancellationToken) => _fetching.WaitAsync(LongestFetch, cancellationToken);

    /// <summary>Ends a fetch that <see cref="EnterAsync"/> began.</summary>
    public void Exit() => _fetching.Release();

    public void Dispose() => _fetching.Dispose();
}
