namespace EmailIngestion.Local.Autoscaling;

/// <summary>Limits one decision: by the bounds and, within them, by the policies.</summary>
internal static class ReplicaLimits
{
    // Without a behaviour the controller doubles at most, or adds up to 4.
    private const int OldFactor = 2;
    private const int OldLeast = 4;

    public static (int Replicas, string Why) Apply(ScaledObject spec, HpaHistory history, int current, int wanted, DateTimeOffset now)
    {
        var (most, fewest) = spec.Behavior is { } behavior
            ? (wanted > current ? Math.Max(current, Most(behavior.Up, history, current, now)) : int.MaxValue,
                wanted < current ? Math.Min(current, Fewest(behavior.Down, history, current, now)) : int.MinValue)
            : (Math.Max(OldFactor * current, OldLeast), int.MinValue);
        if (wanted > Math.Min(most, spec.MaxReplicas))
            return (Math.Min(most, spec.MaxReplicas), most < spec.MaxReplicas ? "limited by a scale-up policy" : "limited by the maximum");
        if (wanted < Math.Max(fewest, spec.HpaMinReplicas))
        {
            return (
                Math.Max(fewest, spec.HpaMinReplicas),
                fewest > spec.HpaMinReplicas ? "limited by a scale-down policy" : "limited by the minimum");
        }

        return (wanted, "");
    }

    private static int Most(ScalingRules rules, HpaHistory history, int current, DateTimeOffset now)
    {
        if (rules.Select == PolicySelect.Disabled)
            return current;
        var allowed = rules.Policies.Select(policy => policy.Most(history.AtBeginningOf(policy.Period, current, now)));
        return rules.Select == PolicySelect.Min ? allowed.Min() : allowed.Max();
    }

    private static int Fewest(ScalingRules rules, HpaHistory history, int current, DateTimeOffset now)
    {
        if (rules.Select == PolicySelect.Disabled)
            return current;
        var allowed = rules.Policies.Select(policy => policy.Fewest(history.AtBeginningOf(policy.Period, current, now)));
        // The smallest change leaves the most replicas.
        return rules.Select == PolicySelect.Min ? allowed.Max() : allowed.Min();
    }
}
