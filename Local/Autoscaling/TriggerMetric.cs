namespace EmailIngestion.Local.Autoscaling;

/// <summary>A trigger's value on its way to a decision, the fallback applied.</summary>
/// <param name="Value">What the HPA is told; null: nothing, it hears an error.</param>
/// <param name="Target">The value that one replica should carry.</param>
/// <param name="IsActive">Whether the trigger is active; with the fallback it is.</param>
/// <param name="Failures">Failures in a row so far.</param>
internal readonly record struct TriggerMetric(long? Value, long Target, bool IsActive, int Failures)
{
    public static TriggerMetric From(Trigger trigger, TriggerReading reading, Fallback? fallback, int failures, int current)
    {
        // A quantity is not negative: an unknown lag is told as 0.
        if (reading.Value is { } value)
            return new TriggerMetric(Math.Max(0, value), trigger.Target, reading.IsActive(trigger), 0);
        // Without a fallback nobody counts.
        if (fallback is null)
            return new TriggerMetric(null, trigger.Target, false, 0);
        failures++;
        return failures > fallback.FailureThreshold
            ? new TriggerMetric(trigger.Target * fallback.For(current), trigger.Target, true, failures)
            : new TriggerMetric(null, trigger.Target, false, failures);
    }
}
