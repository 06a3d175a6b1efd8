namespace EmailIngestion.Operations.Bulk;

/// <summary>Spreads steps over time: at most a number in a second. Time that was not used is not made up for.</summary>
/// <param name="rate">Steps in a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class Pace(int rate, TimeProvider time)
{
    // Timers are not exact, so shorter waits are added up.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _step = rate > 0 ? TimeSpan.FromSeconds(1) / rate : TimeSpan.Zero;
    private TimeSpan _due;
    private readonly long _started = time.GetTimestamp();

    /// <summary>Waits until the next step may be taken.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_step == TimeSpan.Zero)
            return;
        var now = time.GetElapsedTime(_started);
        // As much as one wait may be late.
        if (_due < now - ShortestWait)
            _due = now - ShortestWait;
        if (_due - now >= ShortestWait || (_due > now && _step >= ShortestWait))
            await Task.Delay(_due - now, time, cancellationToken);
        _due += _step;
    }
}
