namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A clock that goes forward by the same step each time it is read.</summary>
internal sealed class SteppingTime(TimeSpan step) : TimeProvider
{
    private long _reads;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Increment(ref _reads) * step.Ticks;
}
