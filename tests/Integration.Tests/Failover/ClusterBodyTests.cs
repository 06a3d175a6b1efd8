using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
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
        await using var redis = await ClusterProcesses.StartAsync([], TimeProvider.System, Cancel);
        var options = Options.Create(new StreamOptions { ConnectionString = redis.ConnectionString });
        options.Value.Partitions.Add("mail");
        await using var connection = StreamConnection.Create(options);
        var partition = new StreamPartition("mail", connection, options, TimeProvider.System);
        await new StreamGuard(connection, options).EnsureGroupAsync(partition.Keys, Cancel);
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
}
