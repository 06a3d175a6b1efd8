namespace EmailIngestion.Local.Autoscaling;

/// <summary>Runs the passes of KEDA and the HPA, and starts and stops consumers after each.</summary>
/// <param name="autoscaler">Makes the decisions.</param>
/// <param name="fleet">The consumers.</param>
/// <param name="pollingInterval">The time between KEDA's passes.</param>
/// <param name="syncPeriod">The time between the HPA's passes.</param>
/// <param name="time">The clock.</param>
internal sealed class AutoscalerLoop(
    Autoscaler autoscaler, ConsumerFleet fleet, TimeSpan pollingInterval, TimeSpan syncPeriod, TimeProvider time)
{
    // Notices a consumer that ended by itself, and keeps the shown numbers current.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until it is stopped. The consumers continue to run.</summary>
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
                    await Task.Delay(wait < RefreshInterval ? wait : RefreshInterval, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C.
        }
    }
}
