namespace EmailIngestion.Consuming;

/// <summary>
/// The slots in which deliveries run. Their number can change at run time: fewer slots end no run, so some may be owed until runs end. One
/// extra slot is for the email that tests the dependency of an open circuit while blocked work occupies all others.
/// </summary>
internal sealed class Slots(int count) : IDisposable
{
    // The wait is short, so that the read loop reports its heartbeat while long work occupies every slot.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(count);
    private readonly Lock _gate = new();
    private int _count = count;

    // The taken slots above the number. They are not free again when their runs end.
    private int _owed;

    // 1 while the extra slot is taken. The next release then frees no regular slot.
    private int _extra;

    /// <summary>The number of slots, without the extra one.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes up to <paramref name="most"/> slots. Waits at most one second for the first.</summary>
    /// <param name="most">The maximum number of slots to take.</param>
    /// <param name="trial">Whether the extra slot may be taken: the circuit is open and its dependency may be tested.</param>
    /// <param name="stop">Cancels the wait.</param>
    /// <returns>The number of slots taken; 0 if none was free.</returns>
    public async Task<int> TakeAsync(int most, bool trial, CancellationToken stop)
    {
        if (!_free.Wait(0, stop))
        {
            if (trial && Interlocked.CompareExchange(ref _extra, 1, 0) == 0)
                return 1;
            if (!await _free.WaitAsync(MaxWait, stop))
                return 0;
        }

        var taken = 1;
        while (taken < most && _free.Wait(0, CancellationToken.None))
            taken++;
        return taken;
    }

    public void Release(int taken)
    {
        if (taken > 0 && Interlocked.CompareExchange(ref _extra, 0, 1) == 1)
            taken--;
        if (taken <= 0)
            return;
        lock (_gate)
            Free(taken);
    }

    /// <summary>Changes the number of slots. More slots are free at once; fewer are taken away as they become free.</summary>
    public void Resize(int count)
    {
        if (count == Count)
            return;
        lock (_gate)
        {
            var more = count - _count;
            _count = count;
            if (more > 0)
                Free(more);
            for (; more < 0; more++)
            {
                if (!_free.Wait(0, CancellationToken.None))
                    _owed++;
            }
        }
    }

    /// <summary>Gives up taken slots that are above the number, without a run in them.</summary>
    /// <param name="taken">The taken slots without a run.</param>
    /// <returns>How many of them are given up; the caller does not release those.</returns>
    public int GiveUp(int taken)
    {
        if (Volatile.Read(ref _owed) == 0)
            return 0;
        lock (_gate)
        {
            var given = Math.Min(taken, _owed);
            _owed -= given;
            return given;
        }
    }

    public void Dispose() => _free.Dispose();

    private void Free(int count)
    {
        var paid = Math.Min(count, _owed);
        _owed -= paid;
        if (count > paid)
            _free.Release(count - paid);
    }
}
