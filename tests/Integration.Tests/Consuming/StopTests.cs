using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class StopTests(TestServers servers)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_settles_what_finishes_and_releases_the_rest_uncounted(bool heedsCancellation)
    {
        await using var partition = await servers.PartitionWithMailAsync(10);
        var finish = new TaskCompletionSource();
        using var never = new SemaphoreSlim(0);
        var script = new ProcessorScript((message, token) =>
            message.Uid <= 2 ? finish.Task : never.WaitAsync(heedsCancellation ? token : CancellationToken.None));
        var host = await partition.StartConsumerAsync(
            script, ("Consumer:Name", "stopping"), ("Consumer:Concurrency", "4"), ("Consumer:ShutdownGrace", "00:00:01"),
            ("Consumer:Lease", "00:10:00"));
        await Eventually.TrueAsync(() => script.Runs.Length == 4, "four emails are in work");
        var entries = (await partition.Database.StreamRangeAsync(partition.Keys.Stream)).Select(entry => entry.Id.ToString()).ToArray();

        var stopping = host.StopAsync(TestContext.Current.CancellationToken);
        finish.SetResult();
        await stopping;

        // Released deliveries have count 0 and can be reclaimed at once. The rest of the stream is unread.
        Assert.Equal([1u, 2], script.Completed);
        Assert.Equal(2, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Equal(
            [$"{entries[2]} (retry) 0", $"{entries[3]} (retry) 0"],
            await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal(6, (await partition.Database.StreamGroupInfoAsync(partition.Keys.Stream))[0].Lag);
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("stopping")));
        Assert.Equal(["(retry)"], await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        await using var next = partition.Partition.Join("next", TimeSpan.FromMinutes(10));
        var reclaimed = (await next.ReclaimAsync()).Deliveries;
        Assert.Equal([(entries[2], 1), (entries[3], 1)], reclaimed.Select(delivery => (delivery.EntryId, delivery.DeliveryCount)));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_stop_with_nothing_pending_leaves_no_consumer_behind()
    {
        await using var partition = await servers.PartitionWithMailAsync(5);
        var finish = new TaskCompletionSource();
        var script = new ProcessorScript((_, _) => finish.Task);
        var host = await partition.StartConsumerAsync(script);
        await Eventually.TrueAsync(() => script.Runs.Length == 5, "all are in work");

        var stopping = host.StopAsync(TestContext.Current.CancellationToken);
        finish.SetResult();
        await stopping;

        Assert.Equal(5, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Empty(await RedisState.ConsumersAsync(partition.Database, partition.Keys.Stream));
        Assert.DoesNotContain(partition.AllKeys(), key => key.ToString().StartsWith(StreamKeys.ConsumerPrefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stops_during_the_work_lose_no_email_and_count_no_delivery()
    {
        await using var partition = await servers.PartitionWithMailAsync(300);
        // Only one delivery is allowed, so a stop that counts a delivery would dead-letter its email.
        var script = new ProcessorScript((_, token) => Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, token));
        var steady = partition.StartConsumerAsync(script, ("Consumer:MaxDeliveries", "1"));
        for (var done = 50; done <= 150; done += 50)
        {
            var host = await partition.StartConsumerAsync(script, ("Consumer:MaxDeliveries", "1"), ("Consumer:ShutdownGrace", "00:00:00"));
            await Eventually.TrueAsync(() => script.Completed.Length >= done, "some are done");
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        await steady;
        await partition.DrainedAsync();

        // Work that ends at the moment of its release may run again.
        Assert.Equal(Mails.UidRange(1, 300), script.Completed.Distinct());
        Assert.Empty(await partition.DeadLettersAsync());
    }
}
