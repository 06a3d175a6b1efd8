namespace EmailIngestion.Processing;

/// <summary>
/// The last moment before a deadline is enforced. A process that stood still (SIGSTOP, a paused machine) wakes up with its timers due and
/// with the answers that arrived meanwhile: these are taken first.
/// </summary>
internal static class Grace
{
    // One second in all, in time that this process runs.
    private const int Slices = 4;

    // A process that stands still again and again is not waited for without end.
    private const int MaxStops = 8;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the work ends within the moment. A slice that took twice its time was none of running: the process stood still.</summary>
    public static async Task<bool> EndsAsync(Task work, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int ran = 0, stops = 0; ran < Slices && !work.IsCompleted && !cancellationToken.IsCancellationRequested;)
        {
            var started = time.GetTimestamp();
            await work.WaitAsync(Slice, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (time.GetElapsedTime(started) < Slice * 2 || ++stops > MaxStops)
                ran++;
            else
                ran = 0;
        }

        return work.IsCompleted;
    }
}
