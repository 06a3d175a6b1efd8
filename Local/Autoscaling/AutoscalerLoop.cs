namespace EmailIngestion.Local.Autoscaling;

/// <summary>The two clocks, KEDA's and the HPA's, and what follows from each pass: consumers start and stop.</summary>
/// <param name="autoscaler">Decides.</param>
/// <param name="fleet">Has the consumers.</param>
/// <param name="pollingInterval">KEDA's.</param>
/// <param name="syncPeriod">The HPA's.</param>
/// <param name="time">The clock.</param>
internal sealed class AutoscalerLoop(
    Autoscaler autoscaler, ConsumerFleet fleet, TimeSpan pollingInterval, TimeSpan syncPeriod, TimeProvider time)
{
    // So that a consumer that ended by itself is seen, and the numbers shown are never old.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Until it is stopped; the consumers are then still running.</summary>
    public async Task RunAsync(Action<AutoscalerState> show, CancellationToken stop)
    {
        var clock = new AutoscalerClock(autoscaler, pollingInterval, syncPeriod, time);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var wait = await clock.PassAsync(() => fleet.Running, stop);
                fleet.Adjust(autoscaler.Wanted);
                show(autoscaler.State(fleet.Running, fleet.Stopping));
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait < Look ? wait : Look, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C.
        }
    }
}
