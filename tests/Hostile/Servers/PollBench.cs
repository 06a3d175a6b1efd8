using System.Diagnostics;
using EmailIngestion.DevServers;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Hostile.Servers;

/// <summary>Polls a hostile server and a good one with the product's services and a real Redis.</summary>
internal sealed class PollBench : IAsyncDisposable
{
    private const int GoodMails = 20;
    private const long MaxPeak = 64 * 1024 * 1024;
    private const int MaxError = 500;
    private const int MaxShown = 120;

    private readonly RedisProcess _redis;
    private readonly DirectoryInfo _folder;

    private PollBench(RedisProcess redis)
    {
        _redis = redis;
        _folder = Directory.CreateTempSubdirectory("ingestion-");
    }

    public static async Task<PollBench> StartAsync(CancellationToken cancellationToken) =>
        new(await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancellationToken));

    /// <summary>Polls both mailboxes once.</summary>
    public async Task<ScenarioResult> RunAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var dialogue = new Dialogue();
        scenario.Arrange(dialogue);
        using var hostile = new ScriptedServer(dialogue);
        using var good = new ScriptedServer(new Dialogue { Count = GoodMails, Exists = $"{GoodMails}", UidNext = $"{GoodMails + 1}" });
        MailboxOptions[] mailboxes = [Mailbox(hostile, scenario.Name, scenario.Security), Mailbox(good, $"beside {scenario.Name}", "None")];
        await using var host = Build(mailboxes);
        var polls = host.Services.GetRequiredService<PollService>();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        var (before, cpu) = (process.WorkingSet64, process.TotalProcessorTime);
        var running = polls.PollAllAsync(cancellationToken);
        var peak = before;
        while (!running.IsCompleted)
        {
            process.Refresh();
            peak = Math.Max(peak, process.WorkingSet64);
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken));
        }

        var results = await running;
        process.Refresh();
        var taken = process.TotalProcessorTime - cpu;
        await polls.StopAsync(cancellationToken);
        var (bad, other) = (results.GetValueOrDefault(mailboxes[0].Name), results.GetValueOrDefault(mailboxes[1].Name));
        return new ScenarioResult(
            "servers", scenario.Name, hostile.Sent, taken, peak - before,
            BoundedText.Cut(bad?.Error ?? bad?.End.ToString() ?? "no end", MaxShown),
            other is null ? "no end" : $"{other.Appended} of {GoodMails}", Broken(scenario, bad, other, peak - before));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // The host is built and not started, so that only this class polls.
    private WebApplication Build(MailboxOptions[] mailboxes) => LocalHost.Build(
        new LocalSettings
        {
            ["Streams:ConnectionString"] = _redis.ConnectionString,
            ["Consumer:Enabled"] = "false",
            ["Polling:ServerTimeout"] = "00:00:02",
            ["Polling:MaxWatched"] = "0",
            ["Polling:Deadline"] = "00:00:05",
            ["Logging:LogLevel:Default"] = "None",
        },
        new LocalHostOptions(_folder.FullName, null),
        services => services.PostConfigure<PollingOptions>(polling => polling.Mailboxes = mailboxes));

    private static MailboxOptions Mailbox(ScriptedServer server, string account, string security) => new()
    {
        Host = "127.0.0.1",
        Port = server.Port,
        Security = Enum.Parse<MailboxSecurity>(security),
        Username = "user@example.test",
        Password = "secret",
        Account = account,
        StartFrom = "all",
    };

    private static string? Broken(Scenario scenario, PollResult? bad, PollResult? other, long peak)
    {
        if (bad is null || other is null)
            return "a poll had no end";
        if (other is not { End: PollEnd.Complete, Appended: GoodMails })
            return $"the good mailbox: {other.End}, {other.Appended} of {GoodMails}";
        if (peak > MaxPeak)
            return $"{peak / 1048576} MiB of memory, at most {MaxPeak / 1048576}";
        if (bad.Error is { } error && (error.Length > MaxError || error.Any(IsUnsafe)))
            return "an error text that is too long or not clean";
        return scenario.Error switch
        {
            null => null,
            "" => bad.End == PollEnd.Complete ? null : $"ended as {bad.End}",
            // On a busy machine the deadline ends a flood before its bytes do.
            " sent " or "UIDs out of order" when Has("Polling:Deadline") => null,
            var part => Has(part) ? null : $"the error lacks '{part}'",
        };

        bool Has(string text) => bad.Error?.Contains(text, StringComparison.Ordinal) == true;
    }

    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
