using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that bodies do not pass through Lua, or do not stay there: Redis 8 counts Lua's heap as used memory.</summary>
public sealed class LuaMemoryTests
{
    // Twenty bodies are fetched within five seconds on a slow machine, too: what is late is released.
    private const int Size = 3_000_000;
    private const int Bound = 2_000_000;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_that_are_recovered_or_reclaimed_do_not_pass_through_Lua()
    {
        const int count = 20;
        await using var redis = await ServerAsync(count);
        await DeliverAsync(redis, "one", count);
        using var budget = new ByteBudget(1_000_000_000);
        await using var group = redis.Partition.Join("one", Lease, null, budget);
        // The script itself uses some memory.
        Assert.Empty((await group.Reader.RecoverAsync(count, await EntriesAsync(redis), Cancel)).Deliveries);
        var before = await LuaHeapAsync(redis);

        var (recovered, _) = await group.Reader.RecoverAsync(count, [], Cancel);

        Assert.Equal(Mails.UidRange(1, count), recovered.Select(delivery => delivery.Message!.Uid));
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);

        foreach (var delivery in recovered)
            await IdleAsync(redis, "dead", delivery.EntryId);
        var reclaimed = await group.Reader.ReclaimAsync(Reclaimed.Beginning, count, PoisonSuspicion.Of(5), exclusive: false, [], Cancel);

        Assert.Equal(Mails.UidRange(1, count), reclaimed.Deliveries.Select(delivery => delivery.Message!.Uid));
        Assert.All(reclaimed.Deliveries, delivery => Assert.Equal(2, delivery.DeliveryCount));
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);
    }

    [Fact]
    public async Task Large_new_entries_do_not_stay_in_Lua()
    {
        await using var redis = await ServerAsync(3);
        using var budget = new ByteBudget(1_000_000_000);
        await using var group = redis.Partition.Join("one", Lease, null, budget);
        var before = await LuaHeapAsync(redis);

        Delivery[] read = [.. await group.Reader.ReadFittingAsync(10, Cancel), .. await group.Reader.ReadFittingAsync(10, Cancel)];

        Assert.All(read, delivery => Assert.Equal(Size, delivery.Message!.Raw.Length));
        Assert.Equal(3, read.Length);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);
    }

    [Fact]
    public async Task Trimming_sweeping_and_ID_checks_leave_no_entries_in_Lua()
    {
        await using var redis = await ServerAsync(4);
        var entries = await DeliverAsync(redis, "one", 3);
        await redis.Database.StreamAcknowledgeAsync(redis.Partition.Keys.Stream, StreamKeys.Group, [entries[1], entries[2]]);
        var before = await LuaHeapAsync(redis);

        await redis.Partition.Stream.Settled.BeginAsync(Cancel);
        await redis.Partition.Stream.ProgressAsync("a/INBOX", Cancel);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);

        // The last delivered entry stays, because without it the lag would be unknown.
        Assert.Equal(1, (await redis.Partition.Stream.Settled.ClearAsync(0, Cancel)).Settled);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);

        await redis.Database.StreamAcknowledgeAsync(redis.Partition.Keys.Stream, StreamKeys.Group, entries[0]);
        Assert.NotNull((await redis.Partition.Inspector.ReadSnapshotAsync(details: false, Cancel)).OldestAge);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);
    }

    [Fact]
    public async Task Dead_lettering_and_replaying_leave_no_body_in_Lua()
    {
        await using var redis = await ServerAsync(1);
        await using var group = redis.Partition.Join("one", Lease);
        var delivery = Assert.Single(await group.Reader.ReadFittingAsync(1, Cancel));
        var before = await LuaHeapAsync(redis);

        await redis.Partition.DeadLetters.MoveAsync(
            delivery, "one", FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken"), Cancel);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);

        var deadLetter = Assert.Single(await redis.Partition.DeadLetters.ListAsync(10, null, null, null, Cancel));
        Assert.Equal(ReplayResult.Replayed, (await redis.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "tester", Cancel)).Result);
        Assert.InRange(await LuaHeapAsync(redis), 0, before + Bound);
    }

    // Added by plain commands, so that Lua holds none of it.
    private static async Task<OwnRedisServer> ServerAsync(int mails)
    {
        var redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, Cancel);
        foreach (var uid in Mails.UidRange(1, (uint)mails))
        {
            var message = Mails.Message(uid) with { Raw = new byte[Size] };
            await redis.Database.StreamAddAsync(redis.Partition.Keys.Stream, EntryCodec.Encode(message));
        }

        return redis;
    }

    private static async Task<RedisValue[]> DeliverAsync(OwnRedisServer redis, string consumer, int count)
    {
        // One by one: all of them would be a reply of hundreds of megabytes.
        var ids = new RedisValue[count];
        for (var i = 0; i < count; i++)
        {
            var read = await redis.Database.StreamReadGroupAsync(redis.Partition.Keys.Stream, StreamKeys.Group, consumer, ">", 1);
            ids[i] = read.Single().Id;
        }

        return ids;
    }

    private static async Task IdleAsync(OwnRedisServer redis, string consumer, string entry) => await redis.Database.ExecuteAsync(
        "XCLAIM", redis.Partition.Keys.Stream, StreamKeys.Group, consumer, 0, entry,
        "IDLE", (long)Lease.TotalMilliseconds, "RETRYCOUNT", 1, "JUSTID");

    private static async Task<string[]> EntriesAsync(OwnRedisServer redis)
    {
        var pending = await redis.Database.StreamPendingMessagesAsync(redis.Partition.Keys.Stream, StreamKeys.Group, 100, RedisValue.Null);
        return [.. pending.Select(one => one.MessageId.ToString())];
    }

    private static async Task<long> LuaHeapAsync(OwnRedisServer redis)
    {
        var memory = (await redis.Multiplexer.GetServers()[0].InfoAsync("memory")).SelectMany(group => group);
        return long.Parse(memory.Single(one => one.Key == "used_memory_vm_eval").Value, CultureInfo.InvariantCulture);
    }
}
