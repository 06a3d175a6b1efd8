namespace EmailIngestion.Streams;

/// <summary>
/// Limits the bytes of emails that one process has in work at a time, over all the partitions it serves. A small entry fits while there is
/// room for one. A larger entry must leave an eighth of the limit to the small ones. When nothing large is in work, one entry may exceed
/// that, so that an email of any size gets its turn. So may one email whose processor takes the whole message into memory.
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

    // Who has taken more than fitted into memory, and those that would do the same, in turn.
    private readonly LinkedList<RoomWaiter> _waiting = new();
    private object? _beyond;

    /// <summary>In bytes.</summary>
    public long Limit => limit;

    /// <summary>The room that is left now.</summary>
    public ByteRoom Room
    {
        get
        {
            lock (_gate)
                return new ByteRoom(Math.Max(0, limit - _used), RoomForLarge, limit / 4, !IsExceeded);
        }
    }

    /// <summary>Whether a large email is in work. Then no other email may exceed the limit.</summary>
    public bool HasLarge
    {
        get
        {
            lock (_gate)
                return IsExceeded;
        }
    }

    /// <summary>How many messages wait for room in <see cref="Load"/>.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>How many emails that are not small have ended. After each, an entry that waits may fit.</summary>
    public long Returns => Interlocked.Read(ref _returns);

    private long RoomForLarge => Math.Max(0, limit - (limit / 8) - _used);

    private bool IsExceeded => _exclusive > 0 || _beyond is not null;

    /// <summary>Charges an email of any size that was delivered to this process.</summary>
    public ByteCharge Take(long bytes)
    {
        lock (_gate)
        {
            var exclusive = false;
            if (bytes > SmallBytes)
            {
                var room = RoomForLarge;
                exclusive = bytes > limit / 4 || bytes > room;
                bytes = Math.Min(bytes, room);
            }

            _used += bytes;
            _exclusive += exclusive ? 1 : 0;
            return new ByteCharge(bytes, exclusive);
        }
    }

    /// <summary>
    /// Charges a message that a processor takes into memory. It blocks until the message fits. One email at a time may take more than fits:
    /// it waits for nobody. Those that wait get their turn in the order in which they came.
    /// </summary>
    /// <param name="bytes">The length of the message.</param>
    /// <param name="owner">The email's lease.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ByteCharge Load(long bytes, object owner, CancellationToken cancellationToken)
    {
        LinkedListNode<RoomWaiter> waiter;
        lock (_gate)
        {
            if (TryLoad(bytes, owner) is { } charge)
                return charge;
            waiter = _waiting.AddLast(new RoomWaiter(bytes, owner));
        }

        try
        {
            waiter.Value.Charge.Task.Wait(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                // It may have got its room at the same moment.
                if (waiter.List is not null)
                {
                    _waiting.Remove(waiter);
                    throw;
                }
            }
        }

        return waiter.Value.Charge.Task.Result;
    }

    /// <summary>
    /// Reserves room for the small entries of a read, so that partitions which read at the same time do not fill the same room. It leaves
    /// half of the room to others.
    /// </summary>
    /// <param name="most">The most entries.</param>
    public ByteReservation Reserve(int most)
    {
        lock (_gate)
        {
            var free = Math.Max(0, limit - _used) / SmallBytes;
            var entries = (int)Math.Min(most, (free + 1) / 2);
            _used += (long)entries * SmallBytes;
            return new ByteReservation(this, entries);
        }
    }

    /// <summary>Returns the bytes of an email that has ended.</summary>
    /// <param name="charge">What was charged.</param>
    /// <param name="isEmail">Whether it was an email, and not the room of a read.</param>
    public void Return(ByteCharge charge, bool isEmail = true)
    {
        lock (_gate)
        {
            _used -= charge.Bytes;
            _exclusive -= charge.Exclusive ? 1 : 0;
            if (charge.Beyond is not null && charge.Beyond == _beyond)
                _beyond = null;
            for (var waiter = _waiting.First; waiter is not null;)
            {
                var next = waiter.Next;
                if (TryLoad(waiter.Value.Bytes, waiter.Value.Owner) is { } loaded)
                {
                    _waiting.Remove(waiter);
                    waiter.Value.Charge.SetResult(loaded);
                }

                waiter = next;
            }
        }

        if (isEmail && (charge.Exclusive || charge.Beyond is not null || charge.Bytes > SmallBytes))
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

    private ByteCharge? TryLoad(long bytes, object owner)
    {
        var room = RoomForLarge;
        if (bytes > room && _beyond is not null && _beyond != owner)
            return null;
        var beyond = bytes > room ? _beyond = owner : null;
        bytes = Math.Min(bytes, room);
        _used += bytes;
        return new ByteCharge(bytes, Exclusive: false, beyond);
    }
}
