namespace EmailIngestion.Hostile;

/// <summary>What one scenario did to the product.</summary>
/// <param name="Part">The part it belongs to.</param>
/// <param name="Scenario">What was sent, in a few words.</param>
/// <param name="Bytes">How much of it.</param>
/// <param name="Cpu">Processor time that it cost.</param>
/// <param name="PeakBytes">Memory at its peak, beyond what there was before.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Others">How the good mail beside it fared; empty where there was none.</param>
/// <param name="Broken">The bound that did not hold, with its figures; null when all held.</param>
internal sealed record ScenarioResult(
    string Part, string Scenario, long Bytes, TimeSpan Cpu, long PeakBytes, string Outcome, string Others = "", string? Broken = null);
