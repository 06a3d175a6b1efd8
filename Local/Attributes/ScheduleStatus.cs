namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's type.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
