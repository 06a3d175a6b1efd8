using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace EmailIngestion.Hostile.Mails;

/// <summary>
/// Hostile mails, each converted in a process of its own. The bound on processor time is a second on a machine that does the fixed work beside
/// it in <see cref="ReferenceMilliseconds"/>; on a slower one it is as much longer.
/// </summary>
internal sealed class MailPart : IPart
{
    private const double ReferenceMilliseconds = 60;
    private const double MaxMilliseconds = 1_000;
    private const double MaxHeaderMilliseconds = 1;
    private const long MaxExtraBytes = 32 * 1024 * 1024;
    private const int Megabyte = 1024 * 1024;

    public string Name => "mails";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] sizes = options.Quick ? [Megabyte] : [Megabyte, 10 * Megabyte, 49 * Megabyte];
        var mails = HostileMail.All.Index().SelectMany(mail => sizes.Select(size => (mail.Index, mail.Item, size))).ToArray();
        // Two at a time: what is measured is processor time.
        for (var at = 0; at < mails.Length; at += 2)
        {
            var pair = mails[at..Math.Min(mails.Length, at + 2)];
            var costs = await Task.WhenAll(pair.Select(mail => MeasureAsync(mail.Index, mail.size, options.Seed, cancellationToken)));
            for (var i = 0; i < pair.Length; i++)
                yield return Judge(pair[i].Item, pair[i].size, costs[i]);
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

    private static async Task<MailCost> MeasureAsync(int number, int size, int seed, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { typeof(MailPart).Assembly.Location, MailSide.Name }.Concat(new[] { number, size, seed }.Select(one => one.ToString(CultureInfo.InvariantCulture))))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode == 0)
                return JsonSerializer.Deserialize<MailCost>(output)!;
            var error = await errors;
            return new MailCost(TimeSpan.FromHours(1).TotalMilliseconds, 1, long.MaxValue, 0, $"ended with {process.ExitCode}: {error.AsSpan(0, Math.Min(error.Length, 200))}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
