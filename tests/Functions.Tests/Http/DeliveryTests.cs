using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class DeliveryTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_deliveries_of_every_consumer_are_listed_with_their_emails()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await using var ann = await TakeAsync(host, "ann", 1, 2);
        await using var bob = await TakeAsync(host, "bob", 3);
        await (await host.RedisAsync()).ExecuteAsync(
            "XCLAIM", host.Keys.Stream, StreamKeys.Group, ConsumerGroup.Waiting, 0, (await EntriesAsync(host))[1], "RETRYCOUNT", 4);

        var page = await host.GetJsonAsync("deliveries");

        Assert.Equal(
            [("ann", 1, 1), ("(retry)", 2, 4), ("bob", 3, 1)],
            Rows(page).Select(row => (
                Text(row, "consumer"), row.GetProperty("uid").GetInt32(), row.GetProperty("deliveryCount").GetInt32())));
        Assert.Equal(await EntriesAsync(host), Rows(page).Select(row => Text(row, "entryId")));
        Assert.All(Rows(page), row =>
        {
            Assert.Equal("ann@example.org/INBOX", Text(row, "mailbox"));
            Assert.StartsWith("Email ", Text(row, "subject"), StringComparison.Ordinal);
            Assert.InRange(row.GetProperty("ageSeconds").GetDouble(), 0, 600);
            Assert.InRange(row.GetProperty("idleSeconds").GetDouble(), 0, 600);
        });
        Assert.Equal(JsonValueKind.Null, page.GetProperty("after").ValueKind);
        Assert.Equal(["bob"], Rows(await host.GetJsonAsync("deliveries?consumer=bob")).Select(row => Text(row, "consumer")));
        Assert.Empty(Rows(await host.GetJsonAsync("deliveries?consumer=nobody")));
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 2 })]
    [InlineData(4, new[] { 2, 2 })]
    [InlineData(5, new[] { 2, 2, 1 })]
    public async Task Pages_follow_each_other_without_a_gap_or_an_empty_one(int count, int[] expected)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await using var ann = await TakeAsync(host, "ann", [.. Enumerable.Range(1, count).Select(uid => (uint)uid)]);
        var (seen, sizes) = (new List<string>(), new List<int>());
        string? after = null;
        do
        {
            var page = await host.GetJsonAsync($"deliveries?limit=2{(after is null ? "" : $"&after={after}")}");
            seen.AddRange(Rows(page).Select(row => Text(row, "entryId")));
            sizes.Add(Rows(page).Length);
            after = page.GetProperty("after").GetString();
        }
        while (after is not null);
        Assert.Equal(await EntriesAsync(host), seen);
        Assert.Equal(expected, sizes);
    }

    [Fact]
    public async Task A_page_of_entries_above_a_megabyte_is_whole()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var database = await host.RedisAsync();
        var large = new byte[900_000];
        for (var uid = 1; uid <= 30; uid++)
            await database.StreamAddAsync(host.Keys.Stream, [new("uid", uid), new("subject", new string('s', 900)), new("raw", large)]);
        await database.StreamReadGroupAsync(host.Keys.Stream, StreamKeys.Group, "ann", ">");

        var rows = Rows(await host.GetJsonAsync("deliveries"));

        // 4 MiB are read; the deliveries beyond are listed without their emails.
        Assert.Equal(await EntriesAsync(host), rows.Select(row => Text(row, "entryId")));
        Assert.Equal(1, rows[0].GetProperty("uid").GetInt32());
        Assert.Equal(500, Text(rows[0], "subject").Length);
        Assert.InRange(rows.Count(row => row.GetProperty("uid").ValueKind != JsonValueKind.Null), 4, 6);
        Assert.Equal(JsonValueKind.Null, rows[^1].GetProperty("uid").ValueKind);
    }

    [Fact]
    public async Task A_delivery_whose_entry_was_deleted_is_listed()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await using var ann = await TakeAsync(host, "ann", 1, 2);
        var entries = await EntriesAsync(host);
        await (await host.RedisAsync()).StreamDeleteAsync(host.Keys.Stream, [entries[0]]);
        var rows = Rows(await host.GetJsonAsync("deliveries"));
        Assert.Equal(entries, rows.Select(row => Text(row, "entryId")));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("mailbox").ValueKind);
        Assert.Equal("ann@example.org/INBOX", Text(rows[1], "mailbox"));
    }

    [Fact]
    public async Task Without_a_group_nothing_is_in_work()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        var database = await host.RedisAsync();
        await database.KeyDeleteAsync(host.Keys.Stream);
        Assert.Empty(Rows(await host.GetJsonAsync("deliveries")));
        await database.StreamAddAsync(host.Keys.Stream, "a", "b");
        Assert.Empty(Rows(await host.GetJsonAsync("deliveries")));
    }

    [Theory]
    [InlineData("deliveries?limit=1001", "limit is '1001'")]
    [InlineData("deliveries?after=x", "after is 'x'")]
    public async Task A_bad_parameter_is_named(string path, string detail)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, path), HttpStatusCode.BadRequest, detail);
    }

    private static async Task<ConsumerGroup> TakeAsync(TestHost host, string consumer, params uint[] uids)
    {
        foreach (var uid in uids)
            await host.AppendAsync(uid, Raw);
        var group = host.Partition.Join(consumer, TimeSpan.FromMinutes(1));
        Assert.Equal(uids.Length, (await group.Reader.ReadAsync(uids.Length, TimeSpan.FromSeconds(5), Cancel)).Count);
        return group;
    }

    private static async Task<string[]> EntriesAsync(TestHost host) =>
    [
        .. (await (await host.RedisAsync()).StreamPendingMessagesAsync(host.Keys.Stream, StreamKeys.Group, 1_000, RedisValue.Null))
            .Select(one => one.MessageId.ToString()),
    ];

    private static JsonElement[] Rows(JsonElement page) => [.. page.GetProperty("deliveries").EnumerateArray()];

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
