namespace EmailIngestion.Bench;

/// <summary>The processor time that an email takes, in µs.</summary>
/// <param name="Side">The time of the side's process; 0 when it is not known.</param>
/// <param name="Redis">The time of Redis.</param>
internal sealed record SideCost(double Side, double Redis);
