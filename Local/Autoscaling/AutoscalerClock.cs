namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// Runs the passes of KEDA and the HPA when they are due. KEDA's interval counts from the start of a pass, the HPA's period from its end.
/// So a policy or a window of an exact multiple of the period ends at that pass and not at the next one.
/// </summary>
/// <param name="autoscaler">Makes the decisions.</param>
/// <param name="pollingInterval">The time between KEDA's passes.</param>
/// <param name="syncPeriod">The time between the HPA's passes.</param>
/// <param name="time">The clock.</param>
internal sealed class AutoscalerClock(Autoscaler autoscaler, TimeSpan pollingInterval, TimeSpan syncPeriod, TimeProvider time)
{
    private DateTimeOffset _poll = time.GetUtcNow();
    private DateTimeOffset _sync = time.GetUtcNow() + syncPeriod;

    /// <summary>Runs the passes that are due. Returns the time until the next one, 0 or less if it is due already.</summary>
    /// <param name="running">Returns the number of running consumers; called when the HPA decides.</param>
    /// <param name="cancellationToken">Cancels a pass.</param>
    public async Task<TimeSpan> PassAsync(Func<int> running, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() >= _poll)
        {
            _poll = time.GetUtcNow() + pollingInterval;
            await autoscaler.PollAsync(cancellationToken);
        }

        if (time.GetUtcNow() >= _sync)
        {
            await autoscaler.SyncAsync(running(), cancellationToken);
            _sync = time.GetUtcNow() + syncPeriod;
        }

        return (_poll < _sync ? _poll : _sync) - time.GetUtcNow();
    }
}
