namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's attribute, as far as the triggers use it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    public string Schedule => schedule;

    public bool UseMonitor { get; set; } = true;

    public bool RunOnStartup { get; set; }
}
