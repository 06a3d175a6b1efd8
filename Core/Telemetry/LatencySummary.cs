namespace EmailIngestion.Telemetry;

/// <summary>The latencies of the last minutes, in seconds. Each is right to within a quarter of itself.</summary>
/// <param name="P50">Half of the emails took no longer.</param>
/// <param name="P95">95 % took no longer.</param>
/// <param name="P99">99 % took no longer.</param>
public sealed record LatencySummary(double P50, double P95, double P99);
