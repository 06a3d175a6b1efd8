namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's type.</summary>
public class TimerInfo
{
    public ScheduleStatus? ScheduleStatus { get; set; }

    public bool IsPastDue { get; set; }
}
