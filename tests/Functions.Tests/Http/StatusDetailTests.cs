using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class StatusDetailTests(TestRedis redis)
{
    private const string Ann = "ann@example.org/INBOX";

    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_process_says_its_version_name_and_roles()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var status = await host.GetJsonAsync("status");
        Assert.Matches(@"\A\d+\.\d+", status.GetProperty("version").GetString()!);
        Assert.NotEmpty(status.GetProperty("process").GetString()!);
        Assert.Equal(["admin"], status.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.False(status.GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task Pauses_and_concurrency_are_shown()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, Raw);
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), Cancel);
        await host.Partition.Control.PauseAsync("everything", "ops", "Migration", Cancel);
        await host.Partition.Control.SetConcurrencyAsync(3, "ops", Cancel);
        var status = await host.GetJsonAsync("status");
        Assert.True(status.GetProperty("paused").GetBoolean());
        var partition = status.GetProperty("partitions")[0];
        Assert.Equal("Migration", partition.GetProperty("paused").GetProperty("reason").GetString());
        Assert.Equal(3, partition.GetProperty("concurrency").GetInt32());
        var consumer = partition.GetProperty("consumers")[0];
        Assert.True(consumer.GetProperty("paused").GetBoolean());
        Assert.InRange(consumer.GetProperty("oldestInFlightSeconds").GetDouble(), 0, 60);
        Assert.Equal("paused", partition.GetProperty("mailboxes")[0].GetProperty("state").GetString());
        Assert.Contains(
            "paused", partition.GetProperty("advice").EnumerateArray().Select(advice => advice.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task The_oldest_email_of_a_consumer_behind_a_hundred_idle_ones_is_shown()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, Raw);
        await using var group = host.Partition.Join("z-last", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), Cancel);
        var database = await host.RedisAsync();
        for (var i = 0; i < 100; i++)
            await database.ExecuteAsync("XGROUP", "CREATECONSUMER", host.Keys.Stream, StreamKeys.Group, $"idle-{i:D3}");
        var partition = (await host.GetJsonAsync("status")).GetProperty("partitions")[0];
        var consumers = partition.GetProperty("consumers").EnumerateArray().ToArray();
        Assert.Equal(101, consumers.Length);
        var last = consumers.Single(consumer => consumer.GetProperty("name").GetString() == "z-last");
        Assert.InRange(last.GetProperty("oldestInFlightSeconds").GetDouble(), 0, 600);
    }

    [Fact]
    public async Task A_mailbox_shows_its_state_and_how_far_behind_it_is()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(4, Raw);
        var until = TimeProvider.System.GetUtcNow().AddMinutes(5);
        await host.Partition.Stream.Mailboxes.ReportErrorAsync(
            Ann, "No answer.", isParked: false, Cancel, new MailboxProgress(11, 2, 30, IsWatched: true, until));
        var mailbox = await MailboxAsync(host);
        Assert.Equal(
            ("backing off", 11, 6, 2, 30),
            (
                mailbox.GetProperty("state").GetString(), mailbox.GetProperty("uidNext").GetInt32(),
                mailbox.GetProperty("behind").GetInt32(), mailbox.GetProperty("lastPollAppended").GetInt32(),
                mailbox.GetProperty("pollsPerHour").GetInt32()));
        Assert.Equal(until.ToUnixTimeMilliseconds(), mailbox.GetProperty("until").GetDateTimeOffset().ToUnixTimeMilliseconds());

        await host.Partition.Stream.Mailboxes.ReportSuccessAsync(Ann, Cancel, new MailboxProgress(null, 0, 31, IsWatched: true, null));
        mailbox = await MailboxAsync(host);
        Assert.Equal("watching", mailbox.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, mailbox.GetProperty("behind").ValueKind);
        await host.Partition.Stream.Mailboxes.AcquireMailboxLockAsync(Ann, "x", TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal("polling", (await MailboxAsync(host)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_history_has_sixty_minutes_and_adds_what_each_process_has_done()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var activity = host.Services.GetRequiredService<Activities>().Of(host.Partition.Name);
        activity.Add(5, 3, 1);
        await host.Partition.History.AddAsync(activity, 7, Cancel);
        activity.Add(2, 0, 0);
        await host.Partition.History.AddAsync(activity, 9, Cancel);
        var history = (await host.GetJsonAsync("status")).GetProperty("partitions")[0].GetProperty("history").EnumerateArray().ToArray();
        Assert.Equal(60, history.Length);
        // The test may run over the end of a minute.
        Assert.Equal((7, 3, 1), (Sum("appended"), Sum("settled"), Sum("deadLettered")));
        Assert.Equal(JsonValueKind.Null, history[0].GetProperty("appended").ValueKind);

        long Sum(string name) => history.Select(minute => minute.GetProperty(name))
            .Where(value => value.ValueKind == JsonValueKind.Number).Sum(value => value.GetInt64());
    }

    [Fact]
    public async Task Latencies_are_those_of_all_processes()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        // Two processes whose clocks stand still, and which the host asked does not know.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (fast, slow) = (new PartitionActivity(), new PartitionActivity());
        var connection = host.Services.GetRequiredService<RedisConnection>();
        var (one, other) = (new PartitionHistory(host.Keys, connection, time), new PartitionHistory(host.Keys, connection, time));
        for (var i = 0; i < 60; i++)
        {
            fast.Processing.Record(TimeSpan.FromSeconds(0.1));
            fast.QueueWait.Record(TimeSpan.FromSeconds(1));
        }

        await one.AddAsync(fast, 0, Cancel);
        for (var i = 0; i < 40; i++)
            slow.Processing.Record(TimeSpan.FromSeconds(10));
        await other.AddAsync(slow, 0, Cancel);
        // Neither counts twice.
        slow.Processing.Record(TimeSpan.FromSeconds(10));
        await other.AddAsync(slow, 0, Cancel);

        var past = await one.ReadAsync(Cancel);
        Assert.Equal(2, past.Processes);
        Assert.InRange(past.Processing!.P50, 0.1, 0.125);
        Assert.InRange(past.Processing.P95, 10, 12.5);
        Assert.InRange(past.QueueWait!.P99, 1, 1.25);
        var latency = (await host.GetJsonAsync("status")).GetProperty("partitions")[0].GetProperty("latency");
        Assert.Equal((2, past.Processing.P95), (
            latency.GetProperty("processes").GetInt32(), latency.GetProperty("processing").GetProperty("p95").GetDouble()));

        // A process that is idle still counts while its latencies do.
        time.Advance(TimeSpan.FromMinutes(4));
        await one.AddAsync(fast, 0, Cancel);
        past = await one.ReadAsync(Cancel);
        Assert.Equal((2, past.Processing!.P50 < 1), (past.Processes, true));
        time.Advance(TimeSpan.FromMinutes(2));
        await one.AddAsync(fast, 0, Cancel);
        past = await one.ReadAsync(Cancel);
        Assert.Null(past.Processing);
        Assert.Equal(0, past.Processes);
    }

    [Fact]
    public async Task A_history_that_somebody_has_damaged_is_unknown()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var minute = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60;
        await (await host.RedisAsync()).HashSetAsync(
            host.Keys.History,
            [
                .. Enumerable.Range(0, 64).Select(at => new StackExchange.Redis.HashEntry(at, at % 2 == 0 ? "x" : "1 2")),
                .. Enumerable.Range(0, 8).Select(at => new StackExchange.Redis.HashEntry(
                    $"latency:{at}",
                    at % 2 == 0 ? "x y z" : $"{minute} 99999999999 q90:1 q:1 p-1:2 pp:9 p1:-4 q1:99999999999999999999 p2")),
            ]);
        var partition = (await host.GetJsonAsync("status")).GetProperty("partitions")[0];
        Assert.Equal(60, partition.GetProperty("history").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, partition.GetProperty("latency").GetProperty("processing").ValueKind);
        // The next report replaces what cannot be read.
        var activity = new PartitionActivity();
        activity.Processing.Record(TimeSpan.FromSeconds(1));
        await host.Partition.History.AddAsync(activity, 0, Cancel);
        var past = await host.Partition.History.ReadAsync(Cancel);
        Assert.InRange(past.Processing!.P50, 1, 1.25);
    }

    [Fact]
    public async Task A_requested_poll_and_unparking_are_accepted_and_wait_in_redis()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(4, Raw);
        using var poll = await host.SendAsync(HttpMethod.Post, "mailboxes/poll", $$"""{"mailbox":"{{Ann}}"}""");
        using var unpark = await host.SendAsync(HttpMethod.Post, "mailboxes/unpark", $$"""{"mailbox":"{{Ann}}"}""");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (poll.StatusCode, unpark.StatusCode));
        var state = await host.Partition.Control.ReadAsync(Cancel);
        Assert.Equal((Ann, Ann), (Assert.Single(state.Polls).Mailbox, Assert.Single(state.Unparks).Mailbox));
        await host.Partition.Control.PauseAsync("everything", "ops", null, Cancel);
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "mailboxes/poll", $$"""{"mailbox":"{{Ann}}"}"""), HttpStatusCode.Conflict, "ops paused");
    }

    [Fact]
    public async Task A_uid_before_which_no_poll_stopped_cannot_be_forgotten()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(4, Raw);
        using var response = await host.SendAsync(HttpMethod.Post, "mailboxes/forget", $$"""{"mailbox":"{{Ann}}","uid":5}""");
        Assert.Contains("\"forgotten\":false", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await (await host.RedisAsync()).StreamLengthAsync(host.Keys.Audit));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("4294967296")]
    [InlineData("1.5")]
    [InlineData("\"5\"")]
    [InlineData("null")]
    public async Task A_bad_uid_is_refused_with_its_bounds(string uid)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(4, Raw);
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "mailboxes/forget", $$"""{"mailbox":"{{Ann}}","uid":{{uid}}}"""),
            HttpStatusCode.BadRequest,
            "uid must be");
    }

    private static async Task<JsonElement> MailboxAsync(TestHost host) =>
        (await host.GetJsonAsync("status")).GetProperty("partitions")[0].GetProperty("mailboxes")[0];
}
