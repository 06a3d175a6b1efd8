namespace EmailIngestion.Local.Autoscaling;

/// <summary>KEDA's part of the decision, at each poll: from 0 when something is active, to 0 when nothing has been for long enough.</summary>
internal static class Activation
{
    /// <param name="spec">The ScaledObject.</param>
    /// <param name="current">Replicas as they are set.</param>
    /// <param name="active">A trigger is active.</param>
    /// <param name="failing">A trigger could not be read, and the fallback does not stand in for it (yet).</param>
    /// <param name="lastActive">The last decision's.</param>
    /// <param name="created">Since when the ScaledObject is watched.</param>
    /// <param name="now">The time of the decision.</param>
    public static ActivationDecision Decide(
        ScaledObject spec, int current, bool active, bool failing, DateTimeOffset? lastActive, DateTimeOffset created, DateTimeOffset now)
    {
        if (active && current == 0)
            return new ActivationDecision(spec.HpaMinReplicas, Kept(spec, now), "active");
        if (active)
            // As KEDA has it: a trigger that fails beside an active one keeps the time of the last activity where it was.
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

    // Without the fraction: a cooldown of an exact multiple of the polling interval is over at that poll.
    private static DateTimeOffset Kept(ScaledObject spec, DateTimeOffset now) => now.AddTicks(-(now.UtcTicks % spec.ActivityStep.Ticks));
}

/// <param name="Replicas">What KEDA sets.</param>
/// <param name="LastActive">To be given to the next decision.</param>
/// <param name="Why">One phrase for people.</param>
internal sealed record ActivationDecision(int Replicas, DateTimeOffset? LastActive, string Why);
