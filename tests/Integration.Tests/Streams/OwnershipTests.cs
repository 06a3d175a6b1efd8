using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>
/// Tests that only the owner of a delivery settles, renews, releases or dead-letters it. For all others nothing is written.
/// </summary>
public sealed class OwnershipTests(TestServers servers)
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken");

    [Fact]
    public async Task Settling_acknowledges_and_stores_the_processed_ID_in_one_step()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Settled], results);
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var day = Assert.Single(
            partition.AllKeys(), key => key.ToString().StartsWith("idempotency:processed_ids:", StringComparison.Ordinal));
        var ids = await partition.Database.SetMembersAsync(day);
        Assert.Equal(
            deliveries.Select(delivery => Convert.ToHexString(delivery.Message!.Id.ToByteArray())).Order(StringComparer.Ordinal),
            ids.Select(id => Convert.ToHexString((byte[])id!)).Order(StringComparer.Ordinal));
        Assert.InRange((await partition.Database.KeyTimeToLiveAsync(day))!.Value, TimeSpan.FromDays(7), TimeSpan.FromDays(8));
    }

    [Fact]
    public async Task Settling_again_after_a_lost_reply_finds_it_settled_and_changes_nothing()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        await group.SettleAsync(deliveries, CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.SettledBefore, SettleResult.SettledBefore], results);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task A_batch_settles_only_the_deliveries_that_the_consumer_owns()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, "thief", 0, [deliveries[1].EntryId]);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Lost, SettleResult.Settled], results);
        Assert.Equal([$"{deliveries[1].EntryId} thief 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var processed = await group.AreProcessedAsync(deliveries, CancellationToken.None);
        Assert.Equal([true, false, true], processed);
    }

    [Fact]
    public async Task A_batch_settles_each_delivery_by_its_own_delivery_count()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        await partition.Database.StreamClaimAsync(
            partition.Keys.Stream, StreamKeys.Group, group.Consumer, 0, [deliveries[1].EntryId, deliveries[2].EntryId]);

        var results = await group.SettleAsync(
            [deliveries[0], deliveries[1] with { DeliveryCount = 2 }, deliveries[2]], CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Settled, SettleResult.Lost], results);
        Assert.Equal(
            [$"{deliveries[2].EntryId} {group.Consumer} 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal((bool[])[true, true, false], await group.AreProcessedAsync(deliveries, CancellationToken.None));
    }

    [Fact]
    public async Task A_settled_delivery_without_an_email_is_acknowledged_and_not_remembered()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        var malformed = deliveries[1] with { Message = null };

        var results = await group.SettleAsync([deliveries[0], malformed], CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Settled], results);
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Equal((bool[])[true, false], await group.AreProcessedAsync([deliveries[0], malformed], CancellationToken.None));
    }

    [Theory]
    [InlineData("settle")]
    [InlineData("renew")]
    [InlineData("release")]
    [InlineData("postpone")]
    [InlineData("dead-letter")]
    public async Task After_another_consumer_has_reclaimed_nothing_is_written(string what)
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var delivery = (await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        // The delivery count stays 1, so only the name differs.
        await partition.Database.ExecuteAsync(
            "XCLAIM", partition.Keys.Stream, StreamKeys.Group, "thief", 0, delivery.EntryId, "RETRYCOUNT", 1, "JUSTID");
        var before = await RedisState.OfAsync(partition);

        Assert.False(await TryAsync(what, partition, group, delivery));

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Theory]
    [InlineData("settle")]
    [InlineData("renew")]
    [InlineData("release")]
    [InlineData("postpone")]
    [InlineData("dead-letter")]
    public async Task With_an_outdated_delivery_count_nothing_is_written(string what)
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var stale = (await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        // Reclaimed by the same consumer after its own lease expired.
        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, group.Consumer, 0, [stale.EntryId]);
        var before = await RedisState.OfAsync(partition);

        Assert.False(await TryAsync(what, partition, group, stale));
        Assert.Equal(before, await RedisState.OfAsync(partition));

        Assert.True(await TryAsync(what, partition, group, stale with { DeliveryCount = 2 }));
    }

    [Fact]
    public async Task A_renewal_counts_no_delivery_and_stops_others_from_reclaiming()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        // Both leases are about to expire; one is renewed.
        foreach (var delivery in deliveries)
            await IdleAsync(partition, group.Consumer, delivery.EntryId, TimeSpan.FromMinutes(2));

        var renewed = await group.RenewAsync([deliveries[0]], CancellationToken.None);
        Assert.Equal([true], renewed);

        await using var other = partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        var reclaimed = await other.ReclaimAsync();
        Assert.True(reclaimed.AtEnd);
        var delivered = Assert.Single(reclaimed.Deliveries);
        Assert.Equal((deliveries[1].EntryId, 2), (delivered.EntryId, delivered.DeliveryCount));
        Assert.Equal(
            [$"{deliveries[0].EntryId} one 1", $"{deliveries[1].EntryId} other 2"],
            await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task A_released_delivery_is_reclaimed_at_once_with_the_same_count()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        await group.ReleaseAsync([deliveries[0]], CancellationToken.None);

        await using var other = partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        var reclaimed = (await other.ReclaimAsync()).Deliveries;
        Assert.Equal((deliveries[0].EntryId, 1), (Assert.Single(reclaimed).EntryId, reclaimed[0].DeliveryCount));
        Assert.Equal([SettleResult.Lost], await group.SettleAsync([deliveries[0]], CancellationToken.None));
        Assert.Equal([SettleResult.Settled], await other.SettleAsync(reclaimed, CancellationToken.None));
    }

    [Fact]
    public async Task A_postponed_delivery_waits_one_lease_without_an_owner_and_is_counted()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 1);
        var delivery = (await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        await IdleAsync(partition, group.Consumer, delivery.EntryId, TimeSpan.FromMinutes(2));

        await group.RetryAsync(delivery, CancellationToken.None);
        // Repeated, as after a lost reply.
        await group.RetryAsync(delivery, CancellationToken.None);

        Assert.Equal([$"{delivery.EntryId} (retry) 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Empty((await group.ReclaimAsync()).Deliveries);
        await IdleAsync(partition, "(retry)", delivery.EntryId, TimeSpan.FromMinutes(1));
        Assert.Equal(
            2,
            Assert.Single(
                (await group.ReclaimAsync()).Deliveries)
                .DeliveryCount);
    }

    /// <summary>Sets the idle time of a delivery.</summary>
    internal static Task IdleAsync(TestPartition partition, string consumer, string entry, TimeSpan idle) =>
        partition.Database.ExecuteAsync(
        "XCLAIM", partition.Keys.Stream, StreamKeys.Group, consumer, 0, entry, "IDLE", (long)idle.TotalMilliseconds, "JUSTID");

    private static async Task<ConsumerGroup> GroupWithMailAsync(TestPartition partition, int count)
    {
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, count);
        return partition.Partition.Join("one", TimeSpan.FromMinutes(1));
    }

    private static async Task<bool> TryAsync(string what, TestPartition partition, ConsumerGroup group, Delivery delivery)
    {
        switch (what)
        {
            case "settle":
                return (await group.SettleAsync([delivery], CancellationToken.None))[0] == SettleResult.Settled;
            case "renew":
                return (await group.RenewAsync([delivery], CancellationToken.None))[0];
            case "dead-letter":
                return await partition.Partition.DeadLetters.MoveAsync(delivery, group.Consumer, Failure, CancellationToken.None);
            default:
                var before = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
                if (what == "release")
                    await group.ReleaseAsync([delivery], CancellationToken.None);
                else
                    await group.RetryAsync(delivery, CancellationToken.None);
                var after = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
                return !before.SequenceEqual(after);
        }
    }
}
