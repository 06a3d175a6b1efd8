namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// KEDA's part of the decision, at each poll: leaves 0 when a trigger is active, and returns to 0 when none has been
/// for the cooldown period.
/// </summary>
internal static class Activation
{
    /// <param name="spec">The ScaledObject.</param>
    /// <param name="current">The number of replicas that is set.</param>
    /// <param name="active">Whether a trigger is active.</param>
    /// <param name="failing">Whether a trigger could not be read, and the fallback does not replace its value yet.</param>
    /// <param name="lastActive">The value of the last decision.</param>
    /// <param name="created">The time at which the autoscaler started.</param>
    /// <param name="now">The time of the decision.</param>
    public static ActivationDecision Decide(
        ScaledObject spec, int current, bool active, bool failing, DateTimeOffset? lastActive, DateTimeOffset created, DateTimeOffset now)
    {
        if (active && current == 0)
            return new ActivationDecision(spec.HpaMinReplicas, Kept(spec, now), "active");
        if (active)
            // As in KEDA: while a trigger fails beside an active one, the time of the last activity does not change.
            return new ActivationDecision(current, failing ? lastActive : Kept(spec, now), "active");
        if (failing && spec.Fallback is not { Replicas: 0 })
            return new ActivationDecision(current, lastActive, "a trigger cannot be read");
        if (current > 0 && spec.MinReplicas == 0)
        {
            return (lastActive + spec.CooldownPeriod ?? created + spec.InitialCooldownPeriod) < now
                ? new ActivationDecision(0, lastActive, "nothing to do")
                : new ActivationDecision(current, lastActive, "cooling down");
        }

        return new ActivationDecision(Math.Max(current, spec.MinReplicas), lastActive, "nothing to do");
    }

    // Without the fraction of a second: a cooldown of an exact multiple of the polling interval ends at that poll.
    private static DateTimeOffset Kept(ScaledObject spec, DateTimeOffset now) => now.AddTicks(-(now.UtcTicks % spec.ActivityStep.Ticks));
}

/// <param name="Replicas">The number that KEDA sets.</param>
/// <param name="LastActive">The value for the next decision.</param>
/// <param name="Why">The reason, in a few words.</param>
internal sealed record ActivationDecision(int Replicas, DateTimeOffset? LastActive, string Why);
