using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Writes a line at each change, for output that goes to a file or another program.</summary>
internal sealed class LineView(TextWriter output) : IAutoscalerView
{
    private readonly Lock _gate = new();
    private string _shown = "";

    public Task RunAsync(Func<Action<AutoscalerState>, Task> loop) => loop(Show);

    public void Report(string line)
    {
        lock (_gate)
            output.WriteLine(line);
    }

    private void Show(AutoscalerState state)
    {
        var line = Line(state);
        if (line == _shown)
            return;
        _shown = line;
        Report($"{state.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {line}");
    }

    /// <summary>Each trigger's value, target and wanted replicas, then the decision.</summary>
    internal static string Line(AutoscalerState state)
    {
        var triggers = state.Triggers.Select(trigger =>
            $"{trigger.Trigger.Name} {Value(trigger)}/{trigger.Trigger.Target}{(trigger.Desired is { } desired ? $" → {desired}" : "")}");
        var stopping = state.Stopping > 0 ? $" (+{state.Stopping} stopping)" : "";
        var why = state.Why.Length > 0 ? $"  {state.Why}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join("  ", triggers)}  wanted {state.Wanted}  running {state.Running}{stopping}{why}");
    }

    internal static string Value(TriggerState trigger) => trigger.Reading switch
    {
        { Error: not null } => "error",
        { Value: LagRule.Unknown } => "unknown",
        { Value: { } value } => value.ToString(CultureInfo.InvariantCulture),
        _ => "?",
    };
}
