using EmailIngestion.DevServers;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that a full Redis accepts no mail and loses none: consumers drain it.</summary>
public sealed class FullMemoryTests
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken");

    [Fact]
    public async Task A_full_Redis_refuses_appends_until_consumers_have_drained_it()
    {
        await using var redis = await StartAsync();
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        var cursor = await Mails.AppendAsync(redis.Partition.Stream, 3_000);
        await using var group = redis.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(2_900, TimeSpan.FromSeconds(1), CancellationToken.None);
        await redis.FillAsync();
        var before = await RedisState.OfAsync(redis.Database, redis.Partition.Keys);

        var refused = await Assert.ThrowsAsync<RedisServerException>(() => AppendAsync(redis, cursor));
        Assert.StartsWith("OOM", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await RedisState.OfAsync(redis.Database, redis.Partition.Keys));

        Assert.True(await group.AcquireNameAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        var settled = await group.SettleAsync([.. deliveries.Skip(2)], CancellationToken.None);
        Assert.All(settled, result => Assert.Equal(SettleResult.Settled, result));
        Assert.True(await redis.Partition.DeadLetters.MoveAsync(deliveries[0], "one", Failure, CancellationToken.None));
        Assert.True((await group.RenewAsync([deliveries[1]], CancellationToken.None))[0]);
        await group.ReleaseAsync([deliveries[1]], CancellationToken.None);
        await redis.Partition.Stream.Mailboxes.ReportErrorAsync(Mails.Mailbox, "OOM", isParked: false, CancellationToken.None);

        await using var other = redis.Partition.Join("other", TimeSpan.FromMinutes(1));
        var reclaimed = Assert.Single(
            (await other.ReclaimAsync()).Deliveries);
        Assert.Equal((deliveries[1].EntryId, 1), (reclaimed.EntryId, reclaimed.DeliveryCount));
        Assert.Equal(SettleResult.Settled, (await other.SettleAsync([reclaimed], CancellationToken.None))[0]);

        Assert.Equal(2_900, await redis.Partition.Stream.TrimAsync(CancellationToken.None));
        Assert.Equal(new AppendResult(AppendStatus.Complete, 3_010, 10, 0, 0), await AppendWithRoomAsync(redis, cursor));
        Assert.Equal(Mails.UidRange(2_901, 3_010), await RedisState.UidsAsync(redis.Database, redis.Partition.Keys.Stream));
        Assert.Equal(1, await redis.Database.StreamLengthAsync(redis.Partition.Keys.DeadLetters));
    }

    [Fact]
    public async Task A_full_Redis_refuses_a_large_email_as_full()
    {
        await using var redis = await StartAsync();
        var (cursor, item) = await LargeItemAsync(redis);
        await redis.FillAsync();
        var before = await RedisState.OfAsync(redis.Database, redis.Partition.Keys);
        AppendItem[] step = [item, Mails.Item(3), await LargeMails.ItemAsync(redis.Partition.Stream, 4)];

        var refused = await Assert.ThrowsAsync<RedisServerException>(() => AppendAsync(redis, cursor, item));
        var several = await Assert.ThrowsAsync<RedisServerException>(() => AppendAsync(redis, cursor, step));
        var alone = await Assert.ThrowsAsync<RedisServerException>(() => AppendLargeAsync(redis, cursor, item));

        Assert.All([refused, several, alone], error => Assert.Equal(RedisFailure.Full, RedisErrors.KindOf(error)));
        Assert.Equal(before, await RedisState.OfAsync(redis.Database, redis.Partition.Keys));
    }

    [Theory]
    [InlineData("NOREPLICAS", "CONFIG", "SET", "min-replicas-to-write", "1")]
    [InlineData("READONLY", "REPLICAOF", "127.0.0.1", "1")]
    public async Task A_refusal_that_passes_is_reported_as_passing_for_a_large_email(string code, string command, params string[] arguments)
    {
        await using var redis = await StartAsync();
        var (cursor, item) = await LargeItemAsync(redis);
        await redis.Database.ExecuteAsync(command, [.. arguments]);

        var refused = await Assert.ThrowsAsync<RedisServerException>(() => AppendAsync(redis, cursor, item));

        Assert.StartsWith(code, refused.Message, StringComparison.Ordinal);
        Assert.Equal(RedisFailure.Passing, RedisErrors.KindOf(refused));
    }

    [Fact]
    public async Task A_consumer_that_starts_while_Redis_is_full_joins_and_drains()
    {
        await using var redis = await StartAsync();
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(redis.Partition.Stream, 10);
        await redis.FillAsync();

        await redis.Guard.CheckServersAsync(CancellationToken.None);
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await using var group = redis.Partition.Join("late", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.Equal(10, deliveries.Count);
        Assert.DoesNotContain(true, await group.AreProcessedAsync(deliveries, CancellationToken.None));
        Assert.All(await group.SettleAsync(deliveries, CancellationToken.None), result => Assert.Equal(SettleResult.Settled, result));
        await group.UnregisterAsync(CancellationToken.None);
        Assert.Empty(await RedisState.ConsumersAsync(redis.Database, redis.Partition.Keys.Stream));
    }

    [Fact]
    public async Task A_replay_into_a_full_Redis_is_refused_and_the_dead_letter_stays()
    {
        await using var redis = await StartAsync();
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(redis.Partition.Stream, 1);
        await using var group = redis.Partition.Join("one", TimeSpan.FromMinutes(1));
        var delivery = (await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        await redis.Partition.DeadLetters.MoveAsync(delivery, "one", Failure, CancellationToken.None);
        var deadLetter = Assert.Single(await redis.Partition.DeadLetters.ListAsync(10, null, null, null, CancellationToken.None));
        await redis.FillAsync();
        var before = await RedisState.OfAsync(redis.Database, redis.Partition.Keys);

        await Assert.ThrowsAsync<RedisServerException>(
            () => redis.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", CancellationToken.None));

        Assert.Equal(before, await RedisState.OfAsync(redis.Database, redis.Partition.Keys));
        Assert.True(await redis.Partition.DeadLetters.DeleteAsync(deadLetter.Id, "key", CancellationToken.None));
    }

    private static Task<OwnRedisServer> StartAsync() =>
        OwnRedisServer.StartAsync(new RedisProcessOptions { MaxMemoryBytes = 10 * 1024 * 1024 });

    // Redis 8 counts the heap of Lua as used memory and frees it after about fifty scripts. Each poll reads the load before it appends.
    private static async Task<AppendResult> AppendWithRoomAsync(OwnRedisServer redis, MailboxCursor cursor)
    {
        for (var attempts = 0; ; attempts++)
        {
            try
            {
                return await AppendAsync(redis, cursor);
            }
            catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Full && attempts < 200)
            {
                await redis.Partition.Stream.Settled.LoadAsync(CancellationToken.None);
            }
        }
    }

    private static async Task<(MailboxCursor Cursor, AppendItem Item)> LargeItemAsync(OwnRedisServer redis)
    {
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        var cursor = await Mails.StartAsync(redis.Partition.Stream);
        // It finds out that transactions are allowed.
        await AppendAsync(redis, cursor, Mails.Item(1));
        return (cursor, await LargeMails.ItemAsync(redis.Partition.Stream, 2));
    }

    private static Task<AppendResult> AppendAsync(OwnRedisServer redis, MailboxCursor cursor, params AppendItem[] step) =>
        redis.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, step[0].Message.Uid - 1, step, Mails.Window, CancellationToken.None);

    private static Task<AppendResult> AppendLargeAsync(OwnRedisServer redis, MailboxCursor cursor, AppendItem item) =>
        redis.Partition.Stream.AppendLargeAsync(Mails.Mailbox, cursor, item.Message.Uid - 1, item, Mails.Window, CancellationToken.None);

    private static Task<AppendResult> AppendAsync(OwnRedisServer redis, MailboxCursor cursor) =>
        AppendAsync(redis, cursor, Mails.Items(3_001, 3_010));
}
