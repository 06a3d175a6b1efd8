namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A clock that is wrong or set during the test. Only the time of day changes; intervals stay right.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
