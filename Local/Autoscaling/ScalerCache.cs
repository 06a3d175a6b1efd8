namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// KEDA's cache of scalers and its counts of failures. A trigger that fails without an active fallback clears the cache, and KEDA then
/// connects to Redis to build new scalers. While it cannot connect, both passes return before they count (KEDA 2.20, kedacore/keda#5525).
/// </summary>
/// <param name="spec">Triggers and fallback.</param>
internal sealed class ScalerCache(ScaledObject spec)
{
    private readonly int[] _failures = new int[spec.Triggers.Count];
    private bool _built;

    /// <summary>KEDA's pass over all triggers. Null if there are no scalers; the pass then does nothing.</summary>
    /// <param name="readings">One per trigger.</param>
    /// <param name="current">The number of replicas that is set.</param>
    public TriggerMetric[]? Poll(IReadOnlyList<TriggerReading> readings, int current)
    {
        if (!_built && readings.Any(reading => reading.IsUnreachable))
            return null;
        TriggerMetric[] metrics = [.. readings.Select((reading, i) => Count(i, reading, current))];
        _built = metrics.All(metric => metric.Value is not null);
        return metrics;
    }

    /// <summary>The HPA's pass, which reads one trigger after the other.</summary>
    /// <param name="readings">One per trigger.</param>
    /// <param name="current">The number of replicas that is set.</param>
    public TriggerMetric[] Ask(IReadOnlyList<TriggerReading> readings, int current)
    {
        var metrics = new TriggerMetric[readings.Count];
        for (var i = 0; i < metrics.Length; i++)
        {
            if (!_built && readings[i].IsUnreachable)
            {
                metrics[i] = new TriggerMetric(null, spec.Triggers[i].Target, false, _failures[i]);
                continue;
            }

            metrics[i] = Count(i, readings[i], current);
            _built = metrics[i].Value is not null;
        }

        return metrics;
    }

    private TriggerMetric Count(int i, TriggerReading reading, int current)
    {
        var metric = TriggerMetric.From(spec.Triggers[i], reading, spec.Fallback, _failures[i], current);
        _failures[i] = metric.Failures;
        return metric;
    }
}
