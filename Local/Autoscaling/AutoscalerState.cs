namespace EmailIngestion.Local.Autoscaling;

/// <summary>One look at the autoscaler.</summary>
/// <param name="At">When.</param>
/// <param name="Triggers">Each as it was last read.</param>
/// <param name="Wanted">Replicas as they are set.</param>
/// <param name="Running">Consumers that run and are to stay.</param>
/// <param name="Stopping">Consumers that finish what they have and then end.</param>
/// <param name="Why">Why no more or fewer; empty when the triggers alone decide.</param>
internal sealed record AutoscalerState(
    DateTimeOffset At, IReadOnlyList<TriggerState> Triggers, int Wanted, int Running, int Stopping, string Why);

/// <param name="Trigger">The trigger.</param>
/// <param name="Reading">What was last read.</param>
/// <param name="IsActive">Whether it makes a start from 0.</param>
/// <param name="Desired">The replicas that it alone would have; null while the HPA is off, or does not know.</param>
internal sealed record TriggerState(Trigger Trigger, TriggerReading Reading, bool IsActive, int? Desired);
