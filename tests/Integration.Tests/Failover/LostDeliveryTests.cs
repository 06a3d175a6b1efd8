using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Failover;

public sealed class LostDeliveryTests(TestServers servers)
{
    [Fact]
    public async Task Work_whose_delivery_a_failover_lost_does_not_run_twice_at_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        await AppendAsync(1);
        var gate = new TaskCompletionSource();
        var script = new ProcessorScript((_, _) => gate.Task);
        await partition.StartConsumerAsync(script, ("Consumer:Lease", "00:00:30"));
        await Eventually.TrueAsync(() => script.Runs.Length == 1, "it is in work");

        // The state of a replica that had not received the delivery.
        var (database, stream) = (partition.Database, partition.Keys.Stream);
        var entry = (await database.StreamPendingMessagesAsync(stream, StreamKeys.Group, 1, RedisValue.Null)).Single().MessageId;
        var transaction = database.CreateTransaction();
        _ = transaction.StreamAcknowledgeAsync(stream, StreamKeys.Group, entry);
        _ = transaction.StreamConsumerGroupSetPositionAsync(stream, StreamKeys.Group, "0-0");
        Assert.True(await transaction.ExecuteAsync());
        await AppendAsync(2);
        // Read after the first entry, so the first was delivered again.
        await Eventually.TrueAsync(() => script.Runs.Contains(2u), "the next is in work");

        Assert.Equal([1u, 2u], script.Runs);
        gate.SetResult();
        await partition.DrainedAsync();
        Assert.Equal([1u, 2u], script.Runs);
        Assert.Equal(2, await Consumers.ProcessedAsync(database, partition.Keys));

        Task AppendAsync(uint uid) => partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, cursor, uid - 1, Mails.Items(uid, uid), Mails.Window, CancellationToken.None);
    }
}
