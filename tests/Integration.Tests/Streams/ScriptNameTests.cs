using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that the script of a large email's append is called by its name, and sent again when Redis has lost it.</summary>
public sealed class ScriptNameTests
{
    [Fact]
    public async Task A_large_email_is_appended_by_the_name_of_the_script_and_by_its_text_when_that_is_lost()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        var cursor = await Mails.StartAsync(redis.Partition.Stream);
        await AppendAsync(redis, cursor, 1);
        var texts = await TextsAsync(redis);

        await AppendAsync(redis, cursor, 2);
        Assert.Equal(texts, await TextsAsync(redis));

        await redis.Database.ExecuteAsync("SCRIPT", "FLUSH");
        await AppendAsync(redis, cursor, 3, 2);
        Assert.Equal(texts + 1, await TextsAsync(redis));

        var entries = await redis.Database.StreamRangeAsync(redis.Partition.Keys.Stream);
        Assert.Equal([1, 2, 3, 4], entries.Select(entry => (int)entry["uid"]));
        foreach (var entry in entries)
        {
            var body = redis.Partition.Keys.Bodies.Body((string)entry["raw-name"]!);
            Assert.Equal(LargeMails.Bytes, await redis.Database.StringLengthAsync(body));
            Assert.Null(await redis.Database.KeyTimeToLiveAsync(body));
        }
    }

    private static async Task AppendAsync(OwnRedisServer redis, MailboxCursor cursor, uint first, int count = 1)
    {
        var stream = redis.Partition.Stream;
        List<AppendItem> items = [];
        for (var i = 0u; i < count; i++)
            items.Add(await LargeMails.ItemAsync(stream, first + i));
        var result = await stream.AppendAsync(Mails.Mailbox, cursor, first - 1, items, Mails.Window, CancellationToken.None);
        Assert.Equal(new AppendResult(AppendStatus.Complete, items[^1].Message.Uid, count, 0, 0), result);
    }

    // The number of EVALs that Redis has run.
    private static async Task<int> TextsAsync(OwnRedisServer redis)
    {
        var statistics = (string)(await redis.Database.ExecuteAsync("INFO", "commandstats"))!;
        var line = statistics.Split("\r\n").Single(text => text.StartsWith("cmdstat_eval:", StringComparison.Ordinal));
        return int.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture);
    }
}
