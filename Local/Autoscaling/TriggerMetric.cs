namespace EmailIngestion.Local.Autoscaling;

/// <summary>A trigger's value for a decision, after the fallback.</summary>
/// <param name="Value">The value that the HPA gets; null for an error.</param>
/// <param name="Target">The value per replica.</param>
/// <param name="IsActive">Whether the trigger is active. In fallback it is.</param>
/// <param name="Failures">Consecutive failures so far.</param>
internal readonly record struct TriggerMetric(long? Value, long Target, bool IsActive, int Failures)
{
    public static TriggerMetric From(Trigger trigger, TriggerReading reading, Fallback? fallback, int failures, int current)
    {
        // A quantity is not negative: an unknown lag becomes 0.
        if (reading.Value is { } value)
            return new TriggerMetric(Math.Max(0, value), trigger.Target, reading.IsActive(trigger), 0);
        // Without a fallback KEDA counts no failures.
        if (fallback is null)
            return new TriggerMetric(null, trigger.Target, false, 0);
        failures++;
        return failures > fallback.FailureThreshold
            ? new TriggerMetric(trigger.Target * fallback.For(current), trigger.Target, true, failures)
            : new TriggerMetric(null, trigger.Target, false, failures);
    }
}
