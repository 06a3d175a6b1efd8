using System.Globalization;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

/// <summary>Tests that each script that handles a body works on a Redis Cluster, where all its keys must share a slot.</summary>
public sealed class ClusterBodyTests
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "Error", "broken");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_email_is_appended_settled_dead_lettered_replayed_and_deleted_on_a_Cluster()
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var (connection, partition) = (cluster.Connection, cluster.Partition);
        var cursor = await Mails.StartAsync(partition.Stream);
        for (var uid = 1u; uid <= 3; uid++)
        {
            var item = await LargeMails.ItemAsync(partition.Stream, uid, uid == 3 ? 2_000_000 : LargeMails.Bytes);
            var result = await partition.Stream.AppendLargeAsync(Mails.Mailbox, cursor, uid - 1, item, Mails.Window, Cancel);
            Assert.Equal((AppendStatus.Complete, 1), (result.Status, result.Appended));
        }

        await using var group = partition.Join("one", TimeSpan.FromMinutes(1));
        var read = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(5), Cancel);
        for (var i = 0; i < read.Count; i++)
        {
            var raw = await partition.GuardedBodies.ReadAsync(read[i].Body!, Cancel);
            Assert.Equal(LargeMails.Raw((uint)i + 1, raw.Length), raw);
        }

        Assert.Equal([SettleResult.Settled], await group.SettleAsync([read[0]], Cancel));
        Assert.True(await partition.DeadLetters.MoveAsync(read[1], "one", Failure, Cancel));
        Assert.True(await partition.DeadLetters.MoveAsync(read[2], "one", Failure, Cancel));
        var (deadLetters, _) = await partition.DeadLetters.PageAsync(10, null, null, null, Cancel);
        Assert.Equal(ReplayResult.Replayed, (await partition.DeadLetters.ReplayAsync(deadLetters[0].Id, "key", Cancel)).Result);
        Assert.True(await partition.DeadLetters.DeleteAsync(deadLetters[1].Id, "key", Cancel));
        var again = Assert.Single(await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(5), Cancel));
        Assert.Equal(read[1].Body, again.Body);
        Assert.Equal([SettleResult.Settled], await group.SettleAsync([again], Cancel));

        var database = await connection.DatabaseAsync(Cancel);
        Assert.False(await database.KeyExistsAsync(partition.Keys.Bodies.Referers));
        foreach (var delivery in read)
            Assert.False(await database.KeyExistsAsync(partition.Keys.Bodies.Body(delivery.Body!.Name)));
    }

    // Keys that a script changes without naming them may be on the other node: what fails then must fail before the first write.
    [Fact]
    public async Task While_a_slot_moves_settles_and_deletes_of_large_mail_do_all_or_nothing()
    {
        await using var cluster = await ClusterPartition.StartAsync();
        var (redis, connection, partition) = (cluster.Servers, cluster.Connection, cluster.Partition);
        var keys = partition.Keys;
        var cursor = await Mails.StartAsync(partition.Stream);
        for (var uid = 1u; uid <= 3; uid++)
        {
            var item = await LargeMails.ItemAsync(partition.Stream, uid);
            await partition.Stream.AppendLargeAsync(Mails.Mailbox, cursor, uid - 1, item, Mails.Window, Cancel);
        }

        await using var group = partition.Join("one", TimeSpan.FromMinutes(10));
        var read = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(5), Cancel);
        Assert.True(await partition.DeadLetters.MoveAsync(read[1], "one", Failure, Cancel));
        Assert.True(await partition.DeadLetters.MoveAsync(read[2], "one", Failure, Cancel));
        var deadLetters = (await partition.DeadLetters.PageAsync(10, null, null, null, Cancel)).Item1;
        // Makes the audit. All keys that the scripts have always named exist.
        Assert.True(await partition.DeadLetters.DeleteAsync(deadLetters[0].Id, "key", Cancel));
        var database = await connection.DatabaseAsync(Cancel);
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        for (var day = -1; day <= 1; day++)
            await database.SetAddAsync(keys.ProcessedIds(today.AddDays(day)), "other");
        await database.HashSetAsync(keys.Postponed, "other", "1");

        // Only the body of the first is on the other node; the dead letter's message in Redis is not on either.
        var stream = keys.Stream.ToString();
        var from = await redis.PrimaryOfAsync(stream, Cancel);
        var to = (await redis.PrimariesAsync(Cancel)).First(node => node != from);
        var slot = (await redis.SlotAsync(stream, Cancel)).ToString(CultureInfo.InvariantCulture);
        await to.AskAsync(Cancel, "CLUSTER", "SETSLOT", slot, "IMPORTING", await from.AskAsync(Cancel, "CLUSTER", "MYID"));
        await from.AskAsync(Cancel, "CLUSTER", "SETSLOT", slot, "MIGRATING", await to.AskAsync(Cancel, "CLUSTER", "MYID"));
        var port = to.Port.ToString(CultureInfo.InvariantCulture);
        Assert.Equal("OK", await from.AskAsync(Cancel, "MIGRATE", "127.0.0.1", port, keys.Bodies.Body(read[0].Body!.Name)!, "0", "10000"));

        var error = await Record.ExceptionAsync(() => group.SettleAsync([read[0]], Cancel));
        Assert.True(error is not null && RedisErrors.IsPassing(error), error?.Message);
        error = await Record.ExceptionAsync(() => partition.DeadLetters.DeleteAsync(deadLetters[1].Id, "key", Cancel));
        Assert.True(error is not null && RedisErrors.IsPassing(error), error?.Message);

        await redis.MigrateSlotOfAsync(stream, () => Task.CompletedTask, Cancel);
        // 1 and not 2: the first attempt has settled nothing.
        Assert.Equal([SettleResult.Settled], await group.SettleAsync([read[0]], Cancel));
        Assert.True(await partition.DeadLetters.DeleteAsync(deadLetters[1].Id, "key", Cancel));
        Assert.False(await database.KeyExistsAsync(keys.Bodies.Referers));
        foreach (var delivery in read)
            Assert.False(await database.KeyExistsAsync(keys.Bodies.Body(delivery.Body!.Name)));
    }
}
