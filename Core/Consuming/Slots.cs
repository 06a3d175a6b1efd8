namespace EmailIngestion.Consuming;

/// <summary>The slots that deliveries run in. One more is there for the email that tries an open circuit, when hanging work holds them all.</summary>
internal sealed class Slots(int count) : IDisposable
{
    // In pieces: long work in every slot is no reason to take the loop for dead.
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _free = new(count, count);

    // 1 while one delivery more runs than there are slots: the next to end frees none.
    private int _extra;

    /// <summary>Takes up to <paramref name="most"/> slots, waiting a while for the first; 0 when there was none.</summary>
    /// <param name="most">The most to take.</param>
    /// <param name="trial">The circuit is open and may be tried: the extra slot may be taken.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<int> TakeAsync(int most, bool trial, CancellationToken stop)
    {
        if (!_free.Wait(0, stop))
        {
            if (trial && Interlocked.CompareExchange(ref _extra, 1, 0) == 0)
                return 1;
            if (!await _free.WaitAsync(Piece, stop))
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
