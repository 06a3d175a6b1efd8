namespace EmailIngestion.Consuming;

/// <summary>
/// The slots in which deliveries run. One extra slot is for the email that tests the dependency of an open circuit while blocked work
/// occupies all others.
/// </summary>
internal sealed class Slots(int count) : IDisposable
{
    // The wait is short, so that the read loop reports its heartbeat while long work occupies every slot.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(count, count);

    // 1 while the extra slot is taken. The next release then frees no regular slot.
    private int _extra;

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
        if (taken > 0)
            _free.Release(taken);
    }

    public void Dispose() => _free.Dispose();
}
