namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A machine's clock that is set wrong, or set anew: only what time of day it is changes; intervals go on as they are.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
