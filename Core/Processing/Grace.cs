namespace EmailIngestion.Processing;

/// <summary>
/// Gives work a moment to end before a deadline is enforced. A process that was suspended (SIGSTOP, a paused machine) resumes with expired
/// timers and with answers that arrived meanwhile. The answers are accepted first.
/// </summary>
internal static class Grace
{
    // Four slices of 250 ms: one second while the process runs.
    private const int Slices = 4;

    // Limits the wait for a process that is suspended again and again.
    private const int MaxStops = 8;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Waits about one second for the work. A slice that takes twice its time shows that the process was suspended; the wait then starts
    /// again.
    /// </summary>
    /// <returns>Whether the work has ended.</returns>
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
