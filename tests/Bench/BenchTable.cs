using System.Globalization;
using Spectre.Console;

namespace EmailIngestion.Bench;

/// <summary>Formats the rows as a table for people.</summary>
internal static class BenchTable
{
    private const int Width = 160;

    public static string Write(BenchReport report)
    {
        var table = new Table { Border = TableBorder.Markdown };
        foreach (var name in new[] { "bench", "what", "goal" })
            table.AddColumn(name);
        foreach (var name in new[] { "ours", "peer", "ratio" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var name in new[] { "met", "load, others" })
            table.AddColumn(name);
        foreach (var row in report.Rows)
        {
            table.AddRow(
                row.Bench,
                row.What,
                row.Goal,
                $"{Number(row.Ours)} {row.Unit}",
                row.Peer is { } peer ? $"{Number(peer)} {row.Unit}" : "",
                row.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
                row.Met ? "yes" : "NO",
                string.Create(
                    CultureInfo.InvariantCulture, $"{row.LoadAverage:0.0}, {row.OthersBusy:P0}{(row.IsDisturbed ? " disturbed" : "")}"));
        }

        return Render(console =>
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Processor}, {report.Processors} processors, .NET {report.Runtime}, {report.At:yyyy-MM-dd HH:mm} UTC, "
                + $"{report.Rounds} rounds{(report.Quick ? ", quick" : "")}"));
            console.Write(table);
        });
    }

    /// <summary>Returns what is written to a console of a fixed width.</summary>
    public static string Render(Action<IAnsiConsole> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(text),
            });
        console.Profile.Width = Width;
        write(console);
        return text.ToString();
    }

    private static string Number(double number) => number.ToString(number >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}
