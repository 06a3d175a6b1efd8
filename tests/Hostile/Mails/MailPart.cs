using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EmailIngestion.Hostile.Mails;

/// <summary>
/// Converts hostile emails, each in a separate process. The bound on processor time is one second on a machine that does the reference
/// work in <see cref="ReferenceMilliseconds"/>, and proportionally longer on a slower machine.
/// </summary>
internal sealed class MailPart : IPart
{
    private const double ReferenceMilliseconds = 60;
    private const double MaxMilliseconds = 1_000;
    public const double MaxHeaderMilliseconds = 1;
    private const long MaxExtraBytes = 32 * 1024 * 1024;
    private const int Megabyte = 1024 * 1024;

    // .NET takes it from the size of the processor's cache, and on a large one a process uses tens of megabytes more. Hexadecimal: 4 MiB.
    private const string Gen0Bytes = "400000";

    public string Name => "mails";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] sizes = options.Quick ? [Megabyte] : [Megabyte, 10 * Megabyte, 49 * Megabyte];
        // A quick run converts half of the kinds in each of two processes; a full run uses a process for each kind.
        var groups = HostileMail.All.Index().Select(mail => mail.Index).Chunk(options.Quick ? (HostileMail.All.Count + 1) / 2 : 1);
        // Two at a time, since the measure is processor time.
        foreach (var pair in groups.SelectMany(group => sizes.Select(size => (Numbers: group, Size: size))).Chunk(2))
        {
            var costs = await Task.WhenAll(pair.Select(one => MeasureAsync(one.Numbers, one.Size, options.Seed, cancellationToken)));
            foreach (var (one, measured) in pair.Zip(costs))
            {
                foreach (var (number, cost) in one.Numbers.Zip(measured))
                    yield return Judge(HostileMail.All[number], one.Size, cost);
            }
        }
    }

    private static ScenarioResult Judge(HostileMail mail, int size, MailCost cost)
    {
        var slower = Math.Max(1, cost.Reference / ReferenceMilliseconds);
        var memory = (4L * size) + MaxExtraBytes;
        var broken = new List<string>();
        if (cost.Milliseconds > MaxMilliseconds * slower)
            broken.Add(Text($"CPU of {MaxMilliseconds * slower:0} ms"));
        if (cost.HeaderMilliseconds > MaxHeaderMilliseconds * slower)
            broken.Add(Text($"headers {cost.HeaderMilliseconds:0.0} ms of {MaxHeaderMilliseconds * slower:0.0}"));
        if (cost.PeakBytes > memory)
            broken.Add(Text($"memory of {memory / (double)Megabyte:0} MiB"));
        if (mail.IsRefused && size > 2 * Megabyte && !cost.Outcome.StartsWith("Processing:", StringComparison.Ordinal))
            broken.Add("not refused");
        return new ScenarioResult(
            "mails",
            mail.Name,
            size,
            TimeSpan.FromMilliseconds(cost.Milliseconds),
            cost.PeakBytes,
            cost.Outcome,
            Broken: broken.Count == 0 ? null : string.Join(", ", broken));
    }

    // Returns one cost for each number. If the process ended early, the email at which it ended has broken every bound.
    private static async Task<MailCost[]> MeasureAsync(int[] numbers, int size, int seed, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { typeof(MailPart).Assembly.Location, MailSide.Name })
            start.ArgumentList.Add(argument);
        // 2 MiB, in hexadecimal. By default new objects get as much memory as the processor has cache before any is freed.
        start.Environment["DOTNET_GCgen0size"] = "200000";
        foreach (var number in new[] { size, seed }.Concat(numbers))
            start.ArgumentList.Add(number.ToString(CultureInfo.InvariantCulture));
        start.Environment["DOTNET_GCgen0size"] = Gen0Bytes;
        using var process = Process.Start(start)!;
        var costs = new List<MailCost>();
        try
        {
            while (costs.Count < numbers.Length && await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
                costs.Add(JsonSerializer.Deserialize<MailCost>(line)!);
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        while (costs.Count < numbers.Length)
            costs.Add(
                new MailCost(TimeSpan.FromHours(1).TotalMilliseconds, 1, long.MaxValue, 0, $"the process ended with {process.ExitCode}"));
        return [.. costs];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
