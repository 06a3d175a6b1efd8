using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

/// <summary>Tests the product's append, by transaction and by script, with each possible refusal in turn.</summary>
public sealed class FailingAppendTests
{
    private static readonly string[] Commands =
    [
        "multi", "exec", "eval", "evalsha", "xadd", "xlen", "xdel", "xrevrange", "xinfo", "xsetid", "hset", "hmget", "hdel", "rpush",
        "rpop", "llen", "ttl",
        "expire", "set", "hlen",
    ];

    [Fact]
    public async Task A_failed_append_leaves_the_stream_and_the_cursor_unchanged()
    {
        await using var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        var keys = redis.Partition.Keys;
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var failed = 0;

        foreach (var command in Commands)
            failed += await AppendAsync(redis, command, $"~* +@all -{command}", null);
        RedisKey[] used = [
            keys.Stream, keys.DeadLetters, keys.Cursor(Mails.Mailbox), keys.DigestLog(Mails.Mailbox, today),
            keys.Digests(Mails.Mailbox, today),
        ];
        foreach (var key in used)
        {
            failed += await AppendAsync(
                redis, $"{key} denied", $"+@all {string.Join(' ', used.Where(other => other != key).Select(other => $"~{other}"))}", null);
            failed += await AppendAsync(redis, $"{key} of another type", "~* +@all", key);
        }

        Assert.InRange(failed, 5, Commands.Length + (2 * used.Length));
    }

    /// <returns>1 when the append failed, else 0.</returns>
    private static async Task<int> AppendAsync(OwnRedisServer redis, string what, string rights, RedisKey? otherType)
    {
        await redis.Database.ExecuteAsync("FLUSHALL");
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        var cursor = await Mails.AppendAsync(redis.Partition.Stream, 3);
        if (otherType is { } key)
        {
            await redis.Database.KeyDeleteAsync(key);
            await redis.Database.StringSetAsync(key, "of another type");
        }

        await redis.Database.ExecuteAsync("ACL", ["SETUSER", "victim", "reset", "on", "nopass", "allchannels", .. rights.Split(' ')]);
        var options = Options.Create(
            new StreamOptions { ConnectionString = $"{redis.Options.Value.ConnectionString},user=victim,password=any" });
        await using var connection = StreamConnection.Create(options);
        var stream = new StreamPartition("", connection, options, TimeProvider.System).Stream;
        var before = await RedisState.OfAsync(redis.Database, redis.Partition.Keys);
        AppendItem[] items = [.. Mails.Items(4, 6), Mails.Item(7, failure: FailureRecord.Of(DeadLetterReasons.Oversize, "x", "y"))];
        try
        {
            var whole = await stream.AppendAsync(Mails.Mailbox, cursor, 3, items.Take(3).ToArray(), Mails.Window, CancellationToken.None);
            before = await RedisState.OfAsync(redis.Database, redis.Partition.Keys);
            Assert.Equal(new AppendResult(AppendStatus.Complete, 6, 3, 0, 0), whole);
            await stream.AppendAsync(Mails.Mailbox, cursor, 6, items.Skip(3).ToArray(), Mails.Window, CancellationToken.None);
            return 0;
        }
        catch (RedisException)
        {
            Assert.True(
                Enumerable.SequenceEqual(before, await RedisState.OfAsync(redis.Database, redis.Partition.Keys)),
                $"{what}: something has changed.");
            return 1;
        }
    }
}
