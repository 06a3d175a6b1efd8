using System.Globalization;
using Spectre.Console;

namespace EmailIngestion.Load;

/// <summary>Formats the report for people.</summary>
internal static class LoadTable
{
    public static string Write(LoadReport report)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(text),
            });
        console.Profile.Width = 100;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Emails:N0} emails of {report.PayloadBytes:N0} bytes, {report.Workers} workers, "
            + $"{(report.Source == "imap" ? "from Dovecot by the poller" : "appended directly")}, load average {report.LoadAverage}"));
        console.Write(Rates(report));
        console.Write(Latencies(report));
        if (report.MemoryMb is { } memory)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Most memory: poller {memory.Poller:N0} MB, largest worker {memory.Worker:N0} MB, Redis {memory.Redis:N1} MB."));
        }

        console.Write(report.IsGood ? "Nothing is lost." : $"LOST: {report.Lost}.");
        return text.ToString();
    }

    private static Table Rates(LoadReport report) => new Table()
        .AddColumn("")
        .AddColumn(new TableColumn("emails").RightAligned())
        .AddColumn(new TableColumn("per second").RightAligned())
        .AddRow("produced", Count(report.Emails), Rate(report.ProducedPerSecond))
        .AddRow("consumed", Count(report.Processed), Rate(report.ConsumedPerSecond))
        .AddRow("consumed, per worker", "", Rate(report.ConsumedPerSecondPerWorker))
        .AddRow("consumed, steadily", "", Rate(report.SteadyPerSecond))
        .AddRow("duplicates", Count(report.Duplicates), "")
        .AddRow("dead letters", Count(report.DeadLetters), "")
        .AddRow("lost", Count(report.Lost), "");

    private static Table Latencies(LoadReport report)
    {
        var table = new Table().AddColumn("milliseconds");
        foreach (var name in new[] { "p50", "p95", "p99", "max" })
            table.AddColumn(new TableColumn(name).RightAligned());
        Add("queue wait", report.QueueWaitMs);
        Add("processing", report.ProcessingMs);
        Add("end to end", report.EndToEndMs);
        return table;

        void Add(string name, Percentiles values) =>
            table.AddRow(name, Milliseconds(values.P50), Milliseconds(values.P95), Milliseconds(values.P99), Milliseconds(values.Max));
    }

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double number) => number.ToString("N2", CultureInfo.InvariantCulture);
}
