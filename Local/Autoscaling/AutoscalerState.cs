namespace EmailIngestion.Local.Autoscaling;

/// <summary>A snapshot of the autoscaler.</summary>
/// <param name="At">The time of the snapshot.</param>
/// <param name="Triggers">The triggers, with their last values.</param>
/// <param name="Wanted">The number of replicas that is set.</param>
/// <param name="Running">Consumers that run and were not told to stop.</param>
/// <param name="Stopping">Consumers that finish their deliveries and then end.</param>
/// <param name="Why">The reason for the number; empty if the triggers alone decide.</param>
internal sealed record AutoscalerState(
    DateTimeOffset At, IReadOnlyList<TriggerState> Triggers, int Wanted, int Running, int Stopping, string Why);

/// <param name="Trigger">The trigger.</param>
/// <param name="Reading">Its last value.</param>
/// <param name="IsActive">Whether it is active, which starts a consumer from 0.</param>
/// <param name="Desired">The replicas that this trigger alone asks for; null while the HPA is off or has no value.</param>
internal sealed record TriggerState(Trigger Trigger, TriggerReading Reading, bool IsActive, int? Desired);
