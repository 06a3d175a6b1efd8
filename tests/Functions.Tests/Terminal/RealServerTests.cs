using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Commands;
using EmailIngestion.Local.Commands.Operating;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>The commands against the real functions and a real Redis.</summary>
public sealed class RealServerTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: Rechnung\r\n\r\nText\r\n"u8.ToArray();

    [Fact]
    public async Task Dead_letters_are_listed_shown_saved_and_replayed()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var first = await host.MoveAsync(1, Raw);
        var second = await host.MoveAsync(2, Raw, FailureRecord.Of("max-deliveries", "HttpRequestException", "away"));

        Assert.Contains(first, await RunAsync(host, "dlq", "list", "--reason", "permanent"), StringComparison.Ordinal);
        Assert.Contains("Row 1 is wrong", await RunAsync(host, "dlq", "show", first), StringComparison.Ordinal);
        using (var run = new TerminalRun())
        {
            Assert.Equal(OperatingExit.Done, await run.RunAsync(Arguments(host, "dlq", "raw", first)));
            Assert.Equal(Raw, run.Bytes);
        }

        Assert.Contains("is back in the stream", await RunAsync(host, "dlq", "replay", first), StringComparison.Ordinal);
        Assert.Contains("is deleted", await RunAsync(host, "dlq", "purge", second, "--yes"), StringComparison.Ordinal);
        Assert.Contains("There are no dead letters", await RunAsync(host, "dlq", "list"), StringComparison.Ordinal);

        using var again = new TerminalRun();
        Assert.Equal(OperatingExit.NotFound, await again.RunAsync(Arguments(host, "dlq", "replay", first)));
        Assert.Contains($"There is no dead letter '{first}'", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dead_letters_of_one_cause_are_replayed_by_a_job()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var broken = FailureRecord.Of("max-deliveries", "HttpRequestException", "away");
        for (uint uid = 1; uid <= 5; uid++)
            await host.MoveAsync(uid, Raw, uid == 3 ? null : broken);

        Assert.Contains($"4  {broken.Fingerprint}", await RunAsync(host, "dlq", "groups"), StringComparison.Ordinal);
        Assert.Contains(
            "is completed: 4 done, 0 skipped, 0 failed.",
            await RunAsync(host, "dlq", "replay", "--fingerprint", broken.Fingerprint, "--yes"),
            StringComparison.Ordinal);

        Assert.Contains("1  ", await RunAsync(host, "dlq", "groups"), StringComparison.Ordinal);
        Assert.Contains("completed", await RunAsync(host, "jobs"), StringComparison.Ordinal);
        Assert.Contains("bulk-replay", await RunAsync(host, "audit"), StringComparison.Ordinal);
        var file = Path.Combine(Path.GetDirectoryName(host.KeyFile)!, "all.zip");
        Assert.Contains("all.zip", await RunAsync(host, "dlq", "export", "-o", file), StringComparison.Ordinal);
        using var archive = ZipFile.OpenRead(file);
        Assert.Equal(2, archive.Entries.Count);
    }

    [Fact]
    public async Task A_backfill_is_started_listed_and_cancelled()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, Raw);
        // No process polls the mailbox, so the job stays queued.
        await RunAsync(host, "mailboxes", "backfill", "ann@example.org/INBOX", "--from", "2026-01-31", "--no-wait");
        var job = Assert.Single(await host.Partition.Jobs.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("backfill", JobState.Queued), (job.Kind, job.State));
        Assert.Contains("backfill", await RunAsync(host, "jobs"), StringComparison.Ordinal);
        await RunAsync(host, "jobs", "cancel", job.Id);
        Assert.Contains("cancelled", await RunAsync(host, "jobs", "show", job.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_writes_json_to_a_pipe_and_ends_with_a_code()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var id = await host.MoveAsync(1, Raw);

        var (exit, output, error) = await StartAsync(Arguments(host, "dlq", "show", id, "--json"));
        Assert.True(exit == 0, error);
        using (var json = JsonDocument.Parse(output))
            Assert.Equal(id, json.RootElement.GetProperty("id").GetString());
        Assert.Equal("", error);

        (exit, output, error) = await StartAsync(Arguments(host, "dlq", "show", "1-0"));
        Assert.Equal((OperatingExit.NotFound, ""), (exit, output));
        Assert.Equal("No such dead letter: There is no dead letter '1-0', or no longer.", error.Trim());

        // Redirected output has no colours and no escape sequences, and is not cut at 80 columns.
        (exit, output, error) = await StartAsync(Arguments(host, "dlq", "list"));
        Assert.True(exit == 0, error);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("Row 1 is wrong", output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(TestHost host, params string[] command)
    {
        using var run = new TerminalRun();
        var exit = await run.RunAsync(Arguments(host, command));
        Assert.True(exit == OperatingExit.Done, $"{string.Join(' ', command)}: {exit} {run.Error}");
        return run.Out;
    }

    // The folder of the host's keys, as a person on this machine has it.
    private static string[] Arguments(TestHost host, params string[] command)
    {
        host.MakeKeys();
        var url = host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        return [.. command, "--url", url, "--data", Path.GetDirectoryName(host.KeyFile)!];
    }

    private static async Task<(int Exit, string Output, string Error)> StartAsync(string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output, await error);
    }
}
