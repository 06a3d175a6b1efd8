using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Only the owner of a delivery settles, renews, releases or buries it; for everybody else nothing is written.</summary>
public sealed class OwnershipTests(TestServers servers)
{
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.Permanent, "TestException", "broken");

    [Fact]
    public async Task Settling_acknowledges_and_remembers_as_one_step()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Settled], results);
        Assert.Empty(await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var day = Assert.Single(partition.AllKeys(), key => key.ToString().StartsWith("idempotency:processed_ids:", StringComparison.Ordinal));
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
        var deliveries = await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        await group.SettleAsync(deliveries, CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.SettledBefore, SettleResult.SettledBefore], results);
        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    [Fact]
    public async Task One_batch_settles_what_is_ours_and_leaves_what_is_not()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 3);
        var deliveries = await group.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, "thief", 0, [deliveries[1].EntryId]);

        var results = await group.SettleAsync(deliveries, CancellationToken.None);

        Assert.Equal([SettleResult.Settled, SettleResult.Lost, SettleResult.Settled], results);
        Assert.Equal([$"{deliveries[1].EntryId} thief 2"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        var processed = await group.AreProcessedAsync(deliveries, CancellationToken.None);
        Assert.Equal([true, false, true], processed);
    }

    [Theory]
    [InlineData("settle")]
    [InlineData("renew")]
    [InlineData("release")]
    [InlineData("postpone")]
    [InlineData("bury")]
    public async Task After_another_consumer_has_taken_over_nothing_is_written(string what)
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var delivery = (await group.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        // The number stays 1: the name alone tells.
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
    [InlineData("bury")]
    public async Task With_a_number_that_is_out_of_date_nothing_is_written(string what)
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var stale = (await group.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        // To ourselves, after our own lease ran out.
        await partition.Database.StreamClaimAsync(partition.Keys.Stream, StreamKeys.Group, group.Consumer, 0, [stale.EntryId]);
        var before = await RedisState.OfAsync(partition);

        Assert.False(await TryAsync(what, partition, group, stale));
        Assert.Equal(before, await RedisState.OfAsync(partition));

        Assert.True(await TryAsync(what, partition, group, stale with { DeliveryCount = 2 }));
    }

    [Fact]
    public async Task A_renewal_is_no_delivery_and_keeps_others_from_reclaiming()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var deliveries = await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        // Both leases are about to end; one is renewed.
        foreach (var delivery in deliveries)
            await IdleAsync(partition, group.Consumer, delivery.EntryId, TimeSpan.FromMinutes(2));

        var renewed = await group.RenewAsync([deliveries[0]], CancellationToken.None);
        Assert.Equal([true], renewed);

        await using var other = partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        var (reclaimed, _, atEnd) = await other.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None);
        Assert.True(atEnd);
        Assert.Equal((deliveries[1].EntryId, 2), (Assert.Single(reclaimed).EntryId, reclaimed[0].DeliveryCount));
        Assert.Equal(
            [$"{deliveries[0].EntryId} one 1", $"{deliveries[1].EntryId} other 2"],
            await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
    }

    [Fact]
    public async Task What_is_released_is_reclaimed_at_once_by_another_with_the_same_number()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 2);
        var deliveries = await group.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);

        await group.ReleaseAsync([deliveries[0]], CancellationToken.None);

        await using var other = partition.Partition.Join("other", TimeSpan.FromMinutes(1));
        var reclaimed = (await other.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None)).Deliveries;
        Assert.Equal((deliveries[0].EntryId, 1), (Assert.Single(reclaimed).EntryId, reclaimed[0].DeliveryCount));
        Assert.Equal([SettleResult.Lost], await group.SettleAsync([deliveries[0]], CancellationToken.None));
        Assert.Equal([SettleResult.Settled], await other.SettleAsync(reclaimed, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_postponed_waits_one_lease_for_the_next_number_under_nobody_s_name()
    {
        await using var partition = new TestPartition(servers);
        await using var group = await GroupWithMailAsync(partition, 1);
        var delivery = (await group.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))[0];
        await IdleAsync(partition, group.Consumer, delivery.EntryId, TimeSpan.FromMinutes(2));

        await group.PostponeAsync(delivery, CancellationToken.None);
        // A repeat after a lost reply.
        await group.PostponeAsync(delivery, CancellationToken.None);

        Assert.Equal([$"{delivery.EntryId} (retry) 1"], await RedisState.PendingAsync(partition.Database, partition.Keys.Stream));
        Assert.Empty((await group.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None)).Deliveries);
        await IdleAsync(partition, "(retry)", delivery.EntryId, TimeSpan.FromMinutes(1));
        Assert.Equal(2, Assert.Single((await group.ReclaimAsync(10, PoisonSuspicion.Of(5), alone: false, [], CancellationToken.None)).Deliveries).DeliveryCount);
    }

    /// <summary>As if the entry had been delivered that long ago.</summary>
    internal static Task IdleAsync(TestPartition partition, string consumer, string entry, TimeSpan idle) => partition.Database.ExecuteAsync(
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
            case "bury":
                return await partition.Partition.DeadLetters.MoveAsync(delivery, group.Consumer, Failure, CancellationToken.None);
            default:
                var before = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
                if (what == "release")
                    await group.ReleaseAsync([delivery], CancellationToken.None);
                else
                    await group.PostponeAsync(delivery, CancellationToken.None);
                var after = await RedisState.PendingAsync(partition.Database, partition.Keys.Stream);
                return !before.SequenceEqual(after);
        }
    }
}
