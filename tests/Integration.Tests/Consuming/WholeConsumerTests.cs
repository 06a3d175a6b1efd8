using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class WholeConsumerTests(TestServers servers)
{
    [Fact]
    public async Task Three_consumers_process_each_of_500_emails_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(500);
        // The processor is slow, so that no consumer finishes all before the next one has started.
        var script = new ProcessorScript((_, token) => Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, token));

        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => partition.StartConsumerAsync(script)));
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(1, 500), script.Runs);
        Assert.Equal(500, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(3, (await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream)).Length);

        await Task.WhenAll(hosts.Select(host => host.StopAsync(TestContext.Current.CancellationToken)));
        Assert.Empty(await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.DoesNotContain(partition.AllKeys(), key => key.ToString().StartsWith(StreamKeys.ConsumerPrefix, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task An_email_with_a_processed_ID_is_acknowledged_and_not_run(int daysAgo)
    {
        await using var partition = await servers.PartitionWithMailAsync(3);
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-daysAgo);
        await partition.Database.SetAddAsync(partition.Keys.ProcessedIds(day), Mails.Message(2).Id.ToByteArray());
        var script = new ProcessorScript(Consumers.Completes);

        await partition.StartConsumerAsync(script);
        await partition.DrainedAsync();

        Assert.Equal([1u, 3], script.Runs);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task Mail_that_arrives_while_a_consumer_waits_is_processed()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        var script = new ProcessorScript(Consumers.Completes);
        await partition.StartConsumerAsync(script, ("Consumer:BlockTimeout", "00:00:10"));
        await Eventually.TrueAsync(
            async () => (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream)).Length == 1
                && partition.AllKeys().Any(key => key.ToString().StartsWith(StreamKeys.ConsumerPrefix, StringComparison.Ordinal)),
            "the consumer has joined");

        await Mails.AppendAsync(partition.Partition.Stream, 20);

        await partition.DrainedAsync();
        Assert.Equal(Mails.UidRange(1, 20), script.Runs);
    }
}
