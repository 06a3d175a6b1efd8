using System.Globalization;
using Spectre.Console;

namespace EmailIngestion.Hostile;

/// <summary>Prints the results as a table.</summary>
internal static class ScenarioTable
{
    private const int Width = 160;

    public static string Write(IReadOnlyList<ScenarioResult> results)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Width;
        var table = new Table { Border = TableBorder.Markdown };
        table.AddColumn("part").AddColumn("scenario");
        foreach (var name in new[] { "size", "CPU", "peak memory" })
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("outcome").AddColumn("good mail beside it").AddColumn("bounds");
        foreach (var result in results)
        {
            table.AddRow(
                result.Part,
                Markup.Escape(result.Scenario),
                Size(result.Bytes),
                string.Create(CultureInfo.InvariantCulture, $"{result.Cpu.TotalMilliseconds:N0} ms"),
                Size(result.PeakBytes),
                Markup.Escape(result.Outcome),
                Markup.Escape(result.Others),
                result.Broken is null ? "held" : Markup.Escape($"BROKEN: {result.Broken}"));
        }

        console.Write(table);
        return text.ToString();
    }

    private static string Size(long bytes) => bytes >= 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB");
}
