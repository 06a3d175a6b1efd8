using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows a status in 80 columns: what needs action first.</summary>
internal static class StatusView
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    public static IRenderable Whole(StatusAnswer status)
    {
        List<IRenderable> rows = [.. Head(status), .. Warnings(status)];
        foreach (var partition in status.Partitions)
        {
            rows.Add(Text.Empty);
            if (status.Partitions.Count > 1)
                rows.Add(new Text($"Partition {Name(partition)}", new Style(decoration: Decoration.Bold)));
            rows.Add(ShownTable.Fields(Fields(status, partition)));
            rows.Add(Text.Empty);
            rows.Add(MailboxView.Of(partition, status.At));
            rows.Add(Text.Empty);
            rows.Add(ConsumerView.Of(partition));
        }

        return new Rows(rows);
    }

    public static string Name(PartitionAnswer partition) =>
        partition.Partition.Length == 0 ? "(unnamed)" : ShownText.Clean(partition.Partition);

    private static IEnumerable<IRenderable> Head(StatusAnswer status)
    {
        var version = status.Version is { } number ? $" {number}" : "";
        yield return new Text(
            ShownText.Clean($"Email ingestion{version}  ·  {ShownText.Time(status.At)} UTC"), new Style(decoration: Decoration.Bold));
        if (status.Process is { } process)
            yield return ShownText.Cell($"process {process}: {string.Join(", ", status.Roles)}", Color.Grey);
    }

    private static IEnumerable<IRenderable> Warnings(StatusAnswer status)
    {
        if (status.Paused)
            yield return Warning("Everything is paused.", "resume --everything");
        if (status.CircuitBreaker is "open" or "half-open")
        {
            yield return Warning(
                $"The circuit is {status.CircuitBreaker}: {status.ProcessorError ?? "the processor's dependency fails."}", null);
        }

        foreach (var partition in status.Partitions)
        {
            var where = status.Partitions.Count > 1 ? $"{Name(partition)}: " : "";
            if (partition.Problem is { } problem)
                yield return Warning(where + problem, null);
            // The advice repeats the warnings with what to do. An older server has the warnings only.
            if (partition.Advice.Count > 0)
            {
                foreach (var advice in partition.Advice)
                    yield return Warning(where + advice.Text, advice.Action);
            }
            else
            {
                foreach (var warning in partition.Warnings)
                    yield return Warning(where + warning, null);
            }
        }
    }

    private static Text Warning(string text, string? action) => new(
        $"! {ShownText.Clean(text, ShownText.MaxMessage)}"
        + (string.IsNullOrEmpty(action) ? "" : $"\n  → {ShownText.Clean(action, ShownText.MaxMessage)}"),
        new Style(Color.Yellow));

    private static IEnumerable<(string Name, string? Value)> Fields(StatusAnswer status, PartitionAnswer partition)
    {
        yield return ("Stream", Stream(partition));
        yield return ("Dead letters", ShownText.Number(partition.DlqDepth));
        if (partition.Paused is { } pause)
            yield return ("Paused", Pause(pause));
        if (partition.Rates is { } rates)
            yield return ("Per minute", $"{Rate(rates.AppendsPerMinute)} in, {Rate(rates.SettledPerMinute)} done, "
                + $"{Rate(rates.DeadLettersPerMinute)} dead-lettered");
        yield return ("Waiting", Percentiles(partition.Latency?.QueueWait));
        yield return ("Processing", Percentiles(partition.Latency?.Processing));
        if (partition.Latency is { Processes: > 1 and var processes })
            yield return ("", $"the last five minutes of {ShownText.Number(processes)} processes");
        yield return ("Depth, last hour", Line(partition.History));
        if (partition.Concurrency is { } concurrency)
            yield return ("Concurrency", $"{ShownText.Number(concurrency)} for each consumer");
        yield return ("Circuit", Circuit(status));
        yield return ("Redis", partition.MemoryMaxBytes > 0
            ? $"{ShownText.Bytes(partition.MemoryUsedBytes)} of {ShownText.Bytes(partition.MemoryMaxBytes)} "
                + $"({ShownText.Number(100.0 * partition.MemoryUsedBytes / partition.MemoryMaxBytes)} %)"
            : $"{ShownText.Bytes(partition.MemoryUsedBytes)}, no limit");
    }

    private static string Stream(PartitionAnswer partition) =>
        $"{ShownText.Number(partition.Depth)} outstanding ({ShownText.Number(partition.Lag)} waiting, "
        + $"{ShownText.Number(partition.Pending)} delivered)"
        + (partition.OldestAgeSeconds is { } oldest ? $", the oldest for {ShownText.Span(oldest)}" : "");

    public static string Pause(PauseAnswer pause) =>
        $"since {ShownText.Time(pause.Since)} UTC by {pause.Who}{(string.IsNullOrEmpty(pause.Reason) ? "" : $": {pause.Reason}")}";

    private static string Circuit(StatusAnswer status) => status.CircuitBreakers is { } several
        ? string.Join(", ", several.Select(circuit => $"{circuit.Key}: {circuit.Value}"))
        : status.CircuitBreaker;

    private static string Rate(double? rate) => rate is { } number ? ShownText.Number(number) : "–";

    private static string? Percentiles(PercentilesAnswer? times) => times is null
        ? null
        : $"half within {ShownText.Seconds(times.P50)}, 95 % within {ShownText.Seconds(times.P95)}, "
            + $"99 % within {ShownText.Seconds(times.P99)}";

    // A bar for each minute; a dot where the depth is unknown.
    private static string? Line(IReadOnlyList<MinuteAnswer?> history)
    {
        var most = history.Max(minute => minute?.Depth);
        if (most is null)
            return null;
        var bars = history.Select(minute => minute?.Depth is { } depth
            ? Levels[most == 0 ? 0 : (int)(Math.Max(0, depth) * (Levels.Length - 1) / most.Value)]
            : '·');
        return $"{string.Concat(bars)} max {ShownText.Number(most.Value)}";
    }
}
