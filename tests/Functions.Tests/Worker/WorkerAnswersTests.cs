using System.Text.RegularExpressions;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>Sends one table of requests to both hosts on the same partition: the answers are the same.</summary>
public sealed partial class WorkerAnswersTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: Grüße\r\n\r\nText\r\n"u8.ToArray();

    private static readonly string[] Headers =
        [
        "Cache-Control", "X-Content-Type-Options", "Retry-After", "Content-Type", "Content-Disposition", "Content-Security-Policy",
        "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
    ];

    // {deadLetter} is a different dead letter for each host.
    private static readonly (string Method, string Path, int Status)[] Requests =
    [
        ("GET", "ui", 200),
        ("GET", "health/live", 200),
        ("GET", "health/ready", 200),
        ("GET", "openapi.json", 200),
        ("GET", "status", 200),
        ("GET", "scaler", 200),
        ("GET", "scaler?partition=none", 400),
        ("GET", "control", 200),
        ("GET", "control?partition=none", 400),
        ("GET", "dlq", 200),
        ("GET", "dlq?limit=1", 200),
        ("GET", "dlq?limit=0", 400),
        ("GET", "dlq?limit=1&limit=2", 400),
        ("GET", "dlq?after=yesterday", 400),
        ("GET", "dlq?partition=none", 400),
        ("GET", "dlq?mailbox=ann%40example.org%2FINBOX", 200),
        ("GET", "dlq/{deadLetter}", 200),
        ("GET", "dlq/{deadLetter}?partition=none", 400),
        ("GET", "dlq/1-0", 404),
        ("GET", "dlq/%C3%BC", 404),
        ("GET", "dlq/{deadLetter}/raw", 200),
        ("GET", "dlq/1-0/raw", 404),
        ("POST", "dlq/1-0/replay", 404),
        ("DELETE", "dlq/1-0", 404),
        ("POST", "dlq/{deadLetter}/replay", 200),
        ("POST", "dlq/{deadLetter}/replay", 404),
        ("DELETE", "dlq/{second}", 204),
        ("DELETE", "dlq/{second}", 404),
        ("GET", "dlq?newest=true&text=email", 200),
        ("GET", "dlq?newest=yes", 400),
        ("GET", "dlq?from=yesterday", 400),
        ("GET", "dlq/groups", 200),
        ("GET", "dlq/groups?after=x", 400),
        ("GET", "dlq/export?after=x", 400),
        ("POST", "dlq/replay {\"dryRun\":true,\"filter\":{\"reason\":\"none\"}}", 200),
        ("POST", "dlq/replay {\"filter\":{}}", 400),
        ("POST", "dlq/replay {\"filter\":{\"mailbx\":\"x\"}}", 400),
        ("POST", "dlq/replay {\"token\":\"x\"}", 409),
        ("POST", "dlq/purge {\"token\":\"x\"}", 409),
        ("POST", "dlq/purge", 415),
        ("GET", "jobs", 200),
        ("GET", "jobs?after=x", 400),
        ("GET", "jobs/x", 404),
        ("DELETE", "jobs/1700000000000-0123abcd", 404),
        ("GET", "audit?limit=1", 200),
        ("GET", "audit?after=x", 400),
    ];

    // Bodies need no quotes here.
    private static readonly (string Method, string Path, string Body, int Status)[] Changes =
    [
        ("POST", "control/pause", "{'scope':'everything','reason':'Migration'}", 200),
        ("POST", "control/pause?partition=*", "{'scope':'consumers'}", 200),
        ("POST", "control/pause?partition=none", "{'scope':'consumers'}", 400),
        ("POST", "control/pause", "{'scope':'mailbox','mailbox':'nobody'}", 404),
        ("POST", "control/pause", "{'scope':'all'}", 400),
        ("POST", "control/pause", "{'scope':'everything','x':1}", 400),
        ("POST", "control/pause?code=x", "{'scope':'everything'}", 403),
        ("PUT", "control/concurrency", "{'concurrency':20}", 200),
        ("PUT", "control/concurrency", "{'concurrency':0}", 400),
        ("PUT", "control/concurrency", "{}", 400),
        ("PUT", "control/concurrency", "{'concurrency':null}", 200),
        ("POST", "control/resume", "{'scope':'everything'}", 200),
        ("POST", "control/resume", "{'scope':'consumers'}", 200),
        ("POST", "control/resume", "", 400),
        ("POST", "mailboxes/poll", "{'mailbox':'nobody'}", 404),
        ("POST", "mailboxes/poll", "{}", 400),
        ("POST", "mailboxes/poll", "{'mailbox':'ann@example.org/INBOX'}", 202),
        ("POST", "mailboxes/unpark", "{'mailbox':'ann@example.org/INBOX'}", 202),
        ("POST", "mailboxes/forget", "{'mailbox':'ann@example.org/INBOX','uid':7}", 200),
        ("POST", "mailboxes/forget", "{'mailbox':'ann@example.org/INBOX','uid':-1}", 400),
        ("POST", "mailboxes/backfill", "{'mailbox':'nobody','from':'2026-01-31'}", 404),
        ("POST", "mailboxes/backfill", "{'mailbox':'ann@example.org/INBOX'}", 400),
        ("POST", "mailboxes/backfill", "{'mailbox':'ann@example.org/INBOX','from':'31.1.2026'}", 400),
    ];

    private static readonly (string Method, string Path, int Status)[] WithoutRedis =
    [
        ("GET", "health/live", 200),
        ("GET", "health/ready", 503),
        ("GET", "status", 503),
        ("GET", "scaler", 503),
        ("GET", "control", 503),
        ("GET", "dlq", 503),
        ("GET", "dlq/1-0", 503),
        ("GET", "dlq/1-0/raw", 503),
        ("POST", "dlq/1-0/replay", 503),
        ("DELETE", "dlq/1-0", 503),
        ("GET", "dlq/groups", 503),
        ("GET", "dlq/export", 503),
        ("POST", "dlq/replay {\"dryRun\":true}", 503),
        ("POST", "dlq/purge {\"token\":\"x\"}", 503),
        ("GET", "jobs", 503),
        ("GET", "jobs/1700000000000-0123abcd", 503),
        ("DELETE", "jobs/1700000000000-0123abcd", 503),
        ("GET", "audit", 503),
    ];

    [Fact]
    public async Task Each_function_answers_as_under_local()
    {
        using var folder = new TemporaryFolder();
        await using var local = await TestHost.StartAsync(redis.ConnectionString);
        var deadLetters = new List<string>();
        for (uint uid = 1; uid <= 4; uid++)
            deadLetters.Add(await local.MoveAsync(uid, Raw));
        await using var worker = await StartAsync(redis.ConnectionString, local, folder);

        await AssertAlikeAsync(Requests, local, worker, deadLetters);
    }

    [Fact]
    public async Task Each_change_is_answered_as_under_local()
    {
        using var folder = new TemporaryFolder();
        await using var local = await TestHost.StartAsync(redis.ConnectionString);
        await local.AppendAsync(1, Raw);
        await using var worker = await StartAsync(redis.ConnectionString, local, folder);
        var differences = new List<string>();
        foreach (var (method, path, body, status) in Changes)
        {
            var json = body.Replace('\'', '"');
            var here = await ReadAsync(await local.SendAsync(new HttpMethod(method), path, json));
            var there = await ReadAsync(await worker.SendAsync(new HttpMethod(method), path, json));
            if (here != there || !here.StartsWith($"{status}\n", StringComparison.Ordinal))
                differences.Add($"{method} {path} {body}: {status} is expected.\nLocal:  {here}\nWorker: {there}");
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    [Fact]
    public async Task Without_redis_each_answers_as_under_local()
    {
        using var folder = new TemporaryFolder();
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancel);
        var connection = $"{server.ConnectionString},connectTimeout=500,syncTimeout=500,asyncTimeout=500";
        await using var local = await TestHost.StartAsync(connection);
        await using var worker = await StartAsync(connection, local, folder);
        // Both hosts have been connected to Redis.
        (await worker.SendAsync(HttpMethod.Get, "status")).Dispose();
        (await local.SendAsync(HttpMethod.Get, "status")).Dispose();
        await server.StopAsync();

        await AssertAlikeAsync(WithoutRedis, local, worker, ["", "", "", ""]);
    }

    private static Task<WorkerHost> StartAsync(string connectionString, TestHost local, TemporaryFolder folder) =>
        WorkerHost.StartAsync([.. WorkerSettings.For(connectionString, local.Partition.Name, folder), ("Consumer:Enabled", "false")]);

    private static async Task AssertAlikeAsync(
        (string Method, string Path, int Status)[] requests, TestHost local, WorkerHost worker, List<string> deadLetters)
    {
        var differences = new List<string>();
        foreach (var (method, path, status) in requests)
        {
            // A body follows the address after a space.
            var (address, body) = path.Split(' ', 2) is [var first, var rest] ? (first, rest) : (path, null);
            var here = await ReadAsync(
                await local.SendAsync(new HttpMethod(method), Fill(address, deadLetters[0], deadLetters[1]), body));
            var there = await ReadAsync(
                await worker.SendAsync(new HttpMethod(method), Fill(address, deadLetters[2], deadLetters[3]), body));
            if (here != there || !here.StartsWith($"{status}\n", StringComparison.Ordinal))
                differences.Add($"{method} {path}: {status} is expected.\nLocal:  {here}\nWorker: {there}");
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    private static string Fill(string path, string deadLetter, string second) =>
        path.Replace("{deadLetter}", deadLetter, StringComparison.Ordinal).Replace("{second}", second, StringComparison.Ordinal);

    // Reads the status, the relevant headers, and the body. Replaces each number by one sign, since time passes between the two answers.
    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var headers = response.Headers.Concat(response.Content.Headers)
                .Where(header => Headers.Contains(header.Key))
                .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
                .Order(StringComparer.Ordinal);
            var text = Who().Replace(Token().Replace(TraceId().Replace(body, ""), ""), "");
            return $"{(int)response.StatusCode}\n{Number().Replace($"{string.Join('\n', headers)}\n{text}", "#")}";
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)?|(?<=""emailId"":"")[0-9a-f]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"""token"":""[^""]*"",")]
    private static partial Regex Token();

    // The worker host of the tests has another key and another name.
    [GeneratedRegex(@"""(who|process)"":""[^""]*""")]
    private static partial Regex Who();

    [GeneratedRegex(@",?""traceId"":""[^""]*""")]
    private static partial Regex TraceId();
}
