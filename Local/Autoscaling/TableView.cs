using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Shows a live table in a terminal.</summary>
internal sealed class TableView(IAnsiConsole console, string title) : IAutoscalerView
{
    private const int KeptLines = 5;
    private const int BarPerReplica = 3;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private bool _ended;

    public async Task RunAsync(Func<Action<AutoscalerState>, Task> loop)
    {
        await console.Live(new Text("")).StartAsync(context => loop(state => context.UpdateTarget(Render(state))));
        lock (_gate)
            _ended = true;
    }

    public void Report(string line)
    {
        lock (_gate)
        {
            // The table no longer changes, so lines about the stop go below it.
            if (_ended)
                console.WriteLine(line);
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
                _lines.Dequeue();
        }
    }

    private Rows Render(AutoscalerState state)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)) };
        table.AddColumn("trigger").AddColumn("reads");
        table.AddColumn("value", Right).AddColumn("target", Right).AddColumn("desired", Right).AddColumn("active");
        foreach (var trigger in state.Triggers)
        {
            table.AddRow(
                Markup.Escape(trigger.Trigger.Name),
                Markup.Escape(Reads(trigger.Trigger)),
                LineView.Value(trigger),
                Number(trigger.Trigger.Target),
                trigger.Desired is { } desired ? Number(desired) : "–",
                trigger.IsActive ? "[green]yes[/]" : "no");
        }

        var stopping = state.Stopping > 0 ? $", [yellow]{state.Stopping} finishing[/]" : "";
        var why = state.Why.Length > 0 ? $"  [grey]{Markup.Escape(state.Why)}[/]" : "";
        List<IRenderable> rows =
        [
            table,
            new Markup($"consumers  [bold]{state.Running}[/] running of [bold]{state.Wanted}[/] wanted{stopping}{why}"),
            new Markup($"[green]{new string('█', Math.Min(console.Profile.Width - 2, state.Running * BarPerReplica))}[/]"),
        ];
        rows.AddRange(state.Triggers
            .Where(trigger => trigger.Reading.Error is not null)
            .Select(trigger => Grey($"{trigger.Trigger.Name}: {trigger.Reading.Error}")));
        lock (_gate)
            rows.AddRange(_lines.Select(Grey));
        var at = state.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        rows.Add(Grey($"{at}  Ctrl-C stops the consumers and ends."));
        return new Rows(rows);
    }

    private static Text Grey(string line) => new(line, new Style(Color.Grey));

    private static void Right(TableColumn column) => column.RightAligned();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Reads(Trigger trigger) => trigger.Kind switch
    {
        TriggerKind.Pending => $"pending of {trigger.Group}",
        TriggerKind.Lag => $"lag of {trigger.Group}",
        _ => $"length of {trigger.Stream}",
    };
}
