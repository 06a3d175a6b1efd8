namespace EmailIngestion.Operations;

/// <summary>The answer of the health checks with one tag.</summary>
/// <param name="IsHealthy">False if a check is unhealthy. A degraded check adds its problem only.</param>
/// <param name="Problems">A line for each problem, without secrets.</param>
public sealed record HealthAnswer(bool IsHealthy, IReadOnlyList<string> Problems);
