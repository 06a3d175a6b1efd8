using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Hosting;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class GroupTests(TestRedis redis)
{
    private const string Ann = "ann@example.org/INBOX";
    private const string Bob = "bob@example.org/INBOX";

    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();
    private static readonly FailureRecord Refused = FailureRecord.Of("permanent", "Refused", "Row 1 is wrong");
    private static readonly FailureRecord Broken = FailureRecord.Of("max-deliveries", "HttpRequestException", "away");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Groups_tell_count_times_mailboxes_and_an_example()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw, Broken);
        var first = await host.MoveAsync(2, Raw, Refused);
        await host.MoveAsync(1, Raw, Refused, Bob);
        var last = await host.MoveAsync(3, Raw, FailureRecord.Of("permanent", "Refused", "Row 2 is wrong"));

        var answer = await host.GetJsonAsync("dlq/groups");
        Assert.Equal([(Refused.Fingerprint, 3), (Broken.Fingerprint, 1)], Counts(answer));
        Assert.Equal(2, answer.GetProperty("total").GetInt64());
        var group = answer.GetProperty("groups")[0];
        Assert.Equal((first, last), (group.GetProperty("firstId").GetString(), group.GetProperty("lastId").GetString()));
        Assert.Equal(
            ("permanent", "Refused", "Row 2 is wrong"),
            (group.GetProperty("reason").GetString(), group.GetProperty("errorType").GetString(), group.GetProperty("error").GetString()));
        Assert.Equal(
            """[{"name":"ann@example.org/INBOX","count":2},{"name":"bob@example.org/INBOX","count":1}]""",
            group.GetProperty("mailboxes").GetRawText());
        Assert.Equal("Email 3", group.GetProperty("example").GetProperty("subject").GetString());
        Assert.Equal(last.Split('-')[0], $"{group.GetProperty("last").GetDateTimeOffset().ToUnixTimeMilliseconds()}");
        Assert.Equal([(Refused.Fingerprint, 1)], Counts(await host.GetJsonAsync($"dlq/groups?mailbox={Bob}")));
    }

    [Fact]
    public async Task Pages_of_groups_follow_each_other()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        for (uint uid = 1; uid <= 4; uid++)
            await host.MoveAsync(uid, Raw, FailureRecord.Of("permanent", $"Error{(char)('A' + (uid % 3))}", "x"));
        var first = await host.GetJsonAsync("dlq/groups?limit=1");
        var second = await host.GetJsonAsync($"dlq/groups?limit=1&after={first.GetProperty("after").GetString()}");
        var third = await host.GetJsonAsync($"dlq/groups?limit=2&after={second.GetProperty("after").GetString()}");
        Assert.Equal([2, 1, 1], new[] { first, second, third }.SelectMany(Counts).Select(group => group.Count));
        Assert.Equal(3, new[] { first, second, third }.SelectMany(Counts).Distinct().Count());
        Assert.Equal(JsonValueKind.Null, third.GetProperty("after").ValueKind);
    }

    [Fact]
    public async Task Replays_and_deletions_leave_no_group_behind()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var replayed = await host.MoveAsync(1, Raw, Refused);
        var deleted = await host.MoveAsync(2, Raw, Broken);
        (await host.SendAsync(HttpMethod.Post, $"dlq/{replayed}/replay")).Dispose();
        Assert.Equal([(Broken.Fingerprint, 1)], Counts(await host.GetJsonAsync("dlq/groups")));
        (await host.SendAsync(HttpMethod.Delete, $"dlq/{deleted}")).Dispose();
        Assert.Empty(Counts(await host.GetJsonAsync("dlq/groups")));
        Assert.Empty(await IndexKeysAsync(host));
    }

    [Fact]
    public async Task What_a_person_has_deleted_or_added_by_hand_is_corrected()
    {
        // The host would do it at the same time.
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString,
            configure: services => services.Remove(
                services.Single(one => one.ImplementationType == typeof(LateService<IndexMaintenance>))));
        var database = await host.RedisAsync();
        var gone = await host.MoveAsync(1, Raw, Refused);
        await host.MoveAsync(2, Raw, Refused, Bob);
        await host.MoveAsync(3, Raw, Broken);
        await database.StreamDeleteAsync(host.Keys.DeadLetters, [gone]);
        await database.StreamAddAsync(host.Keys.DeadLetters, [new("fingerprint", Broken.Fingerprint), new("mailbox", Ann)]);
        await database.StreamAddAsync(host.Keys.DeadLetters, [new("fingerprint", "with space"), new("mailbox", Ann)]);
        await database.HashSetAsync(host.Keys.DeadLetterGroup(Broken.Fingerprint), Bob, 7);
        await database.SortedSetAddAsync(host.Keys.DeadLetterGroups, "never", 9);

        Assert.False((await host.GetJsonAsync("dlq/groups")).GetProperty("whole").GetBoolean());
        // Until then the list by fingerprint reads all.
        Assert.Equal(2, (await host.GetJsonAsync($"dlq?fingerprint={Broken.Fingerprint}")).GetProperty("deadLetters").GetArrayLength());
        var index = new DeadLetterIndex(host.Keys, host.Services.GetRequiredService<RedisConnection>());
        Assert.False(await index.IsWholeAsync(Cancel));
        Assert.True(await index.RepairAsync(Cancel) > 0);

        Assert.True(await index.IsWholeAsync(Cancel));
        Assert.Equal(0, await index.RepairAsync(Cancel));
        var answer = await host.GetJsonAsync("dlq/groups");
        Assert.Equal(
            new[] { ("", 1L), (Broken.Fingerprint, 2), (Refused.Fingerprint, 1) }.Order(), Counts(answer).Order());
        Assert.All(
            answer.GetProperty("groups").EnumerateArray(),
            group => Assert.Equal(
                group.GetProperty("count").GetInt64(),
                group.GetProperty("mailboxes").EnumerateArray().Sum(mailbox => mailbox.GetProperty("count").GetInt64())));
        Assert.Equal(2, (await host.GetJsonAsync($"dlq?fingerprint={Broken.Fingerprint}")).GetProperty("deadLetters").GetArrayLength());
    }

    [Fact]
    public async Task An_index_that_was_never_there_is_built()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var database = await host.RedisAsync();
        // As an older version leaves them, with the message among the fields.
        for (var i = 1; i <= 450; i++)
        {
            await database.StreamAddAsync(
                host.Keys.DeadLetters, [new("raw", "x"), new("fingerprint", $"f{i % 3}"), new("mailbox", $"m{i % 2}")], $"{i}-0");
        }

        var index = new DeadLetterIndex(host.Keys, host.Services.GetRequiredService<RedisConnection>());
        await index.RepairAsync(Cancel);
        Assert.True((await host.GetJsonAsync("dlq/groups")).GetProperty("whole").GetBoolean());
        Assert.True(await index.IsWholeAsync(Cancel));
        Assert.Equal([("f0", 150), ("f1", 150), ("f2", 150)], Counts(await host.GetJsonAsync("dlq/groups")).Order());
        var page = await host.GetJsonAsync("dlq?fingerprint=f1&limit=2&after=4-0");
        Assert.Equal(["7-0", "10-0"], page.GetProperty("deadLetters").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
    }

    private static (string Fingerprint, long Count)[] Counts(JsonElement answer) =>
    [
        .. answer.GetProperty("groups").EnumerateArray()
            .Select(group => (group.GetProperty("fingerprint").GetString()!, group.GetProperty("count").GetInt64())),
    ];

    private static async Task<string[]> IndexKeysAsync(TestHost host)
    {
        var keys = new List<string>();
        foreach (var server in (await host.RedisAsync()).Multiplexer.GetServers())
        {
            await foreach (var key in server.KeysAsync(pattern: $"email_ingestion_dlq*{{{host.Partition.Name}}}"))
            {
                if (!key.ToString().Contains("turn", StringComparison.Ordinal))
                    keys.Add(key.ToString());
            }
        }

        return [.. keys.Where(key => key != host.Keys.DeadLetters.ToString())];
    }
}
