namespace EmailIngestion.Bench.Sides;

/// <summary>The machine's monotonic clock, which all processes and Node share.</summary>
internal static class MonotonicClock
{
    public static double Milliseconds(TimeProvider time) => time.GetTimestamp() * 1_000.0 / time.TimestampFrequency;
}
