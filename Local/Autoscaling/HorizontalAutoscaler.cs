namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// The HPA's decision as a function of the metrics, its history and the time. The steps have the order of the Kubernetes controller: the
/// largest metric, stabilisation, limits.
/// </summary>
internal static class HorizontalAutoscaler
{
    /// <param name="spec">Bounds and behaviour.</param>
    /// <param name="history">The history of the last decision; null at the first.</param>
    /// <param name="current">The number of replicas that is set.</param>
    /// <param name="running">The number of running replicas.</param>
    /// <param name="metrics">One per trigger.</param>
    /// <param name="now">The time of the decision.</param>
    public static HpaDecision Decide(
        ScaledObject spec, HpaHistory? history, int current, int running, IReadOnlyList<TriggerMetric> metrics, DateTimeOffset now)
    {
        history ??= HpaHistory.Begin(current, now);
        int?[] desired = [.. metrics.Select(metric => Desired(spec.Behavior, metric, running))];
        if (current == 0)
            return new HpaDecision(0, "off at 0", desired, history);
        if (current > spec.MaxReplicas)
            return Set(spec.MaxReplicas, "above the maximum", history);
        if (current < spec.HpaMinReplicas)
            return Set(spec.HpaMinReplicas, "below the minimum", history);

        // An unread trigger could ask for more, so it blocks scaling down but not up.
        var largest = desired.Max();
        if (largest is null || (desired.Contains(null) && largest < current))
            return new HpaDecision(current, "a trigger cannot be read", desired, history);

        var stable = spec.Behavior is { } behavior
            ? Stabilisation.Apply(behavior, history.Recommendations, current, largest.Value, now)
            : Stabilisation.Highest(spec.DownscaleWindow, history.Recommendations, largest.Value, now);
        history = history.Recommend(largest.Value, now, Longest(spec));
        var (replicas, why) = ReplicaLimits.Apply(spec, history, current, stable, now);
        if (why.Length == 0 && stable != largest)
            why = "stabilised";
        return Set(replicas, why, history);

        HpaDecision Set(int replicas, string why, HpaHistory after) => new(
            replicas, why, desired, replicas == current ? after : after.Scaled(current, replicas, now, LongestPeriod(spec)));
    }

    private static int? Desired(ScalingBehavior? behavior, TriggerMetric metric, int running) => metric.Value is { } value
        ? ReplicaFormula.Desired(
            value,
            metric.Target,
            running,
            behavior?.Up.Tolerance ?? ScalingRules.DefaultTolerance,
            behavior?.Down.Tolerance ?? ScalingRules.DefaultTolerance)
        : null;

    private static TimeSpan Longest(ScaledObject spec) => spec.Behavior is { } behavior
        ? TimeSpan.FromTicks(Math.Max(behavior.Up.Window.Ticks, behavior.Down.Window.Ticks))
        : spec.DownscaleWindow;

    private static TimeSpan LongestPeriod(ScaledObject spec) => spec.Behavior is { } behavior
        ? behavior.Up.Policies.Concat(behavior.Down.Policies).Max(policy => policy.Period)
        : TimeSpan.Zero;
}
