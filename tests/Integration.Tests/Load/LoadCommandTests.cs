using System.Text.Json;
using EmailIngestion.Integration.Tests.Support;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Load;

/// <summary>Tests the load test as people start it.</summary>
public sealed class LoadCommandTests(TestServers servers)
{
    private const string Keys = "*{load-*";

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Load");

    [Theory]
    [InlineData("append", "own")]
    [InlineData("imap", "own")]
    [InlineData("append", "existing")]
    public async Task A_run_loses_nothing_and_says_so_in_JSON(string source, string redis)
    {
        string[] more = [
            .. source == "imap" ? ["--imap"] : Array.Empty<string>(),
            .. redis == "existing" ? ["--redis", servers.RedisConnectionString] : Array.Empty<string>(),
        ];
        var (code, output, error) = await RunAsync(
            [
                "--emails", "400", "--workers", "2", "--payload-bytes", "1000", "--batch-size", "20", "--concurrency", "20",
                "--processor-delay-ms", "5", "--json", .. more,
            ]);

        Assert.Equal(("", 0), (error, code));
        using var json = JsonDocument.Parse(output);
        var report = json.RootElement;
        Assert.Equal((400, 0, 0, 0), (Number("processed"), Number("lost"), Number("duplicates"), Number("dead_letters")));
        Assert.Equal((source, redis, 1_000, 20), (Text("source"), Text("redis"), Number("payload_bytes"), Number("concurrency")));
        Assert.True(report.GetProperty("produced_per_second").GetDouble() > 0);
        // Two workers with twenty emails each at 5 ms an email cannot be faster, and each email takes at least 5 ms.
        Assert.InRange(report.GetProperty("consumed_per_second").GetDouble(), 1, 2 * 20 / 0.004);
        Assert.True(report.GetProperty("processing_ms").GetProperty("p50").GetDouble() >= 4);
        Assert.True(report.GetProperty("end_to_end_ms").GetProperty("p50").GetDouble() >= 4);
        Assert.True(report.GetProperty("queue_wait_ms").GetProperty("p99").GetDouble() > 0);
        Assert.Empty(await LeftAsync());

        int Number(string name) => report.GetProperty(name).GetInt32();
        string Text(string name) => report.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task A_run_of_large_emails_reports_the_memory_of_each_process()
    {
        var (code, output, error) = await RunAsync(
            ["--large", "--emails", "101", "--workers", "1", "--payload-bytes", "1000000", "--json"]);

        Assert.Equal(("", 0), (error, code));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(101, json.RootElement.GetProperty("processed").GetInt32());
        var memory = json.RootElement.GetProperty("memory_mb");
        Assert.InRange(memory.GetProperty("poller").GetDouble(), 10, 200);
        Assert.InRange(memory.GetProperty("worker").GetDouble(), 10, 1_000);
        // The messages are 120 MB.
        Assert.InRange(memory.GetProperty("redis").GetDouble(), 0.1, 20);
    }

    [Fact]
    public async Task Without_JSON_it_is_a_table_and_takes_the_former_systems_flags()
    {
        var (code, output, error) = await RunAsync(["--emails", "100", "--workers", "1"]);
        Assert.Equal(("", 0), (error, code));
        Assert.Contains("Nothing is lost.", output, StringComparison.Ordinal);
        string[] rows = ["produced", "consumed", "duplicates", "lost", "queue wait", "processing", "end to end", "p50", "p95", "p99"];
        foreach (var row in rows)
            Assert.Contains(row, output, StringComparison.Ordinal);
        // No escape sequences without a terminal.
        Assert.DoesNotContain('\e', output);
    }

    [Theory]
    [InlineData("--emails", "many")]
    [InlineData("--workers", "0")]
    [InlineData("--payload-bytes", "-1")]
    [InlineData("--concurrency", "1.5")]
    [InlineData("--redis", "127.0.0.1:1,connectTimeout=200,syncTimeout=200,asyncTimeout=200")]
    [InlineData("--redis", "127.0.0.1:99999")]
    [InlineData("--no-such-flag", "1")]
    public async Task A_wrong_flag_is_one_line_that_names_it(string flag, string value)
    {
        var (code, output, error) = await RunAsync([flag, value]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(flag, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_it_and_leaves_nothing_behind(string signal)
    {
        using var run = ProgramRun.Start(
            Program, "--emails", "5000", "--workers", "2", "--processor-delay-ms", "300", "--redis", servers.RedisConnectionString);
        // Two workers run, and some emails are processed.
        await Eventually.TrueAsync(
            async () => (await LeftAsync()).Any(key => key.Contains("processed_ids", StringComparison.Ordinal)), "emails processed");
        await run.SignalAsync(signal);

        Assert.Equal((130, "", "Stopped.\n"), await run.EndAsync());
        Assert.Empty(await LeftAsync());
    }

    private async Task<string[]> LeftAsync()
    {
        var keys = new List<string>();
        await foreach (var key in servers.Redis.GetServers()[0].KeysAsync(pattern: (RedisValue)Keys))
            keys.Add(key.ToString());
        return [.. keys];
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var run = ProgramRun.Start(Program, arguments);
        return await run.EndAsync();
    }
}
