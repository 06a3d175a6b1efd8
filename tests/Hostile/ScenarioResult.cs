namespace EmailIngestion.Hostile;

/// <summary>The result of one scenario.</summary>
/// <param name="Part">The part of the scenario.</param>
/// <param name="Scenario">A short description of the input.</param>
/// <param name="Bytes">The size of the input.</param>
/// <param name="Cpu">The processor time that the scenario took.</param>
/// <param name="PeakBytes">Peak memory above the memory before the scenario.</param>
/// <param name="Outcome">The outcome of the input.</param>
/// <param name="Others">The outcome of the good mail beside it; empty without such mail.</param>
/// <param name="Broken">The broken bound with its figures; null when every bound is met.</param>
internal sealed record ScenarioResult(
    string Part, string Scenario, long Bytes, TimeSpan Cpu, long PeakBytes, string Outcome, string Others = "", string? Broken = null);
