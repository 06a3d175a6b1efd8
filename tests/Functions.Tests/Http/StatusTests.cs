using System.Text.Json;
using EmailIngestion.Consuming;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class StatusTests(TestRedis redis)
{
    [Fact]
    public async Task The_status_shows_everything_in_one_answer()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        for (uint uid = 2; uid <= 4; uid++)
            await host.AppendAsync(uid, "Subject: x\r\n\r\n"u8.ToArray());
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await host.Partition.Stream.Mailboxes.ReportErrorAsync(
            "ann@example.org/INBOX", "The server said NO.", isParked: true, TestContext.Current.CancellationToken);

        var status = await host.GetJsonAsync("status");
        Assert.Equal(
            ["at", "circuitBreaker", "partitions", "version", "process", "roles", "paused"],
            status.EnumerateObject().Select(field => field.Name));
        Assert.Equal("closed", status.GetProperty("circuitBreaker").GetString());
        var partition = Assert.Single(status.GetProperty("partitions").EnumerateArray());
        Assert.Equal(
            [
                "partition", "depth", "lag", "pending", "length", "settled", "vanished", "vanishedAt", "oldestAgeSeconds", "dlqDepth",
                "bodies", "memoryUsedBytes", "memoryMaxBytes", "consumers", "mailboxes", "warnings",
                "paused", "concurrency", "rates", "latency", "memoryUsedRatio", "trimFloor", "history", "inFlight", "advice",
            ],
            partition.EnumerateObject().Select(field => field.Name));
        Assert.Equal(host.Partition.Name, partition.GetProperty("partition").GetString());
        Assert.Equal(
            (3, 2, 1, 1),
            (Number(partition, "depth"), Number(partition, "lag"), Number(partition, "pending"), Number(partition, "dlqDepth")));
        // The first entry was dead-lettered and is not trimmed yet.
        Assert.Equal((4, 1, 0), (Number(partition, "length"), Number(partition, "settled"), Number(partition, "vanished")));
        Assert.InRange(partition.GetProperty("oldestAgeSeconds").GetDouble(), 0, 60);
        Assert.True(partition.GetProperty("memoryUsedBytes").GetInt64() > 0);
        Assert.Equal(
            ["reader", "tester"],
            partition.GetProperty("consumers").EnumerateArray().Select(consumer => consumer.GetProperty("name").GetString()));
        var mailbox = Assert.Single(partition.GetProperty("mailboxes").EnumerateArray());
        Assert.Equal("ann@example.org/INBOX", mailbox.GetProperty("name").GetString());
        Assert.Equal((7, 4), (Number(mailbox, "uidValidity"), Number(mailbox, "lastUid")));
        Assert.Equal("The server said NO.", mailbox.GetProperty("error").GetString());
        Assert.True(mailbox.GetProperty("parked").GetBoolean());
        Assert.Equal(JsonValueKind.Null, mailbox.GetProperty("lastSuccess").ValueKind);
        Assert.InRange(
            mailbox.GetProperty("errorAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Bodies_are_counted_with_what_the_last_orphan_pass_found()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var bodies = Assert.Single((await host.GetJsonAsync("status")).GetProperty("partitions").EnumerateArray()).GetProperty("bodies");
        Assert.Equal(["count", "bytes", "released", "orphans"], bodies.EnumerateObject().Select(field => field.Name));
        Assert.Equal((0, 0, 0), (Number(bodies, "count"), Number(bodies, "bytes"), Number(bodies, "released")));

        var (keys, database) = (host.Keys.Bodies, await host.RedisAsync());
        await database.HashSetAsync(keys.Referers, [new("a", "5 s:1-1"), new("b", "7 d:1-1"), new("bytes", 12), new("since", 1)]);
        await database.SortedSetAddAsync(keys.Released, "c", 1);
        await database.HashSetAsync(
            keys.Report, [new("at", 1_700_000_000_000), new("found", 4), new("deleted", 3), new("unknown", 1), new("total", 30)]);
        bodies = Assert.Single((await host.GetJsonAsync("status")).GetProperty("partitions").EnumerateArray()).GetProperty("bodies");
        Assert.Equal((2, 12, 1), (Number(bodies, "count"), Number(bodies, "bytes"), Number(bodies, "released")));
        var orphans = bodies.GetProperty("orphans");
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), orphans.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(
            (4, 3, 1, 30),
            (Number(orphans, "found"), Number(orphans, "deleted"), Number(orphans, "unknown"), Number(orphans, "total")));
    }

    [Fact]
    public async Task Nothing_outstanding_has_no_age()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var partition = Assert.Single((await host.GetJsonAsync("status")).GetProperty("partitions").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, partition.GetProperty("oldestAgeSeconds").ValueKind);
        Assert.Equal(0, Number(partition, "depth"));
    }

    [Fact]
    public async Task The_circuit_is_shown_in_words()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var circuit = host.Services.GetRequiredService<Circuits>().All[0];
        circuit.Opened(TimeSpan.FromMinutes(1));
        Assert.Equal("open", (await host.GetJsonAsync("status")).GetProperty("circuitBreaker").GetString());
        circuit.HalfOpened();
        Assert.Equal("half-open", (await host.GetJsonAsync("status")).GetProperty("circuitBreaker").GetString());
    }

    [Fact]
    public async Task Several_circuits_are_shown_by_their_processors()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings =>
        {
            settings["Polling:Enabled"] = "false";
            settings["Mailboxes:0:Account"] = "support";
            settings["Mailboxes:0:Processor"] = "archive,webhook";
        });
        host.Services.GetRequiredService<Circuits>().All[1].Opened(TimeSpan.FromMinutes(1));
        var status = await host.GetJsonAsync("status");
        Assert.Equal("open", status.GetProperty("circuitBreaker").GetString());
        Assert.Equal(
            [("archive", "closed"), ("archive,webhook", "open")],
            status.GetProperty("circuitBreakers").EnumerateObject().Select(circuit => (circuit.Name, circuit.Value.GetString())));
    }

    [Fact]
    public async Task The_last_error_of_the_processor_is_shown_with_its_time()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        host.Services.GetRequiredService<Circuits>().All[0].Failed("The webhook answered 401.");
        var status = await host.GetJsonAsync("status");
        Assert.Equal("The webhook answered 401.", status.GetProperty("processorError").GetString());
        Assert.InRange(
            status.GetProperty("processorErrorAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Before_the_first_poll_it_says_so()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        await AssertGroupIsMissingAsync(host, lag: 0);
        await (await host.RedisAsync()).StreamAddAsync(host.Keys.Stream, "a", "b");
        await AssertGroupIsMissingAsync(host, lag: 1);

        await host.Services.GetRequiredService<StreamGuard>().EnsureGroupAsync(host.Keys, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("group-missing", Advice(await host.GetJsonAsync("status")));
    }

    private static async Task AssertGroupIsMissingAsync(TestHost host, long lag)
    {
        var status = await host.GetJsonAsync("status");
        Assert.Equal(lag, Number(status.GetProperty("partitions")[0], "lag"));
        Assert.Contains("group-missing", Advice(status));
    }

    private static IEnumerable<string?> Advice(JsonElement status) =>
        status.GetProperty("partitions")[0].GetProperty("advice").EnumerateArray().Select(advice => advice.GetProperty("code").GetString());

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
