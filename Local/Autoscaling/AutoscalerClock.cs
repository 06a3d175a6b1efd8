namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// When KEDA and the HPA run their passes. KEDA's timer starts with a pass; the HPA waits a period after the end of one, so a policy or a
/// window of an exact multiple of the period is over at that pass and not at the next.
/// </summary>
/// <param name="autoscaler">Decides.</param>
/// <param name="pollingInterval">KEDA's.</param>
/// <param name="syncPeriod">The HPA's.</param>
/// <param name="time">The clock.</param>
internal sealed class AutoscalerClock(Autoscaler autoscaler, TimeSpan pollingInterval, TimeSpan syncPeriod, TimeProvider time)
{
    private DateTimeOffset _poll = time.GetUtcNow();
    private DateTimeOffset _sync = time.GetUtcNow() + syncPeriod;

    /// <summary>Runs the passes that are due; answers how long until the next, which is not positive when one is due already.</summary>
    /// <param name="running">Asked for the consumers that run, when the HPA decides.</param>
    /// <param name="cancellationToken">Ends a pass in its middle.</param>
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
