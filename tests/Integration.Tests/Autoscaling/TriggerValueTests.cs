using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests what KEDA reads in every state of the stream: pending, lag, length.</summary>
public sealed class TriggerValueTests(TestServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly TestPartition _partition = new(servers);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _partition.DisposeAsync();

    [Fact]
    public async Task Before_the_stream_exists_only_pending_is_an_error() => await HasAsync("NOGROUP", "0", "0");

    [Fact]
    public async Task Before_the_group_exists_the_lag_is_the_streams_length()
    {
        await _partition.Database.StreamAddAsync(_partition.Keys.Stream, "field", "value");
        await HasAsync("NOGROUP", "1", "1");
    }

    [Fact]
    public async Task An_empty_group_has_nothing()
    {
        await _partition.EnsureGroupAsync();
        await HasAsync("0", "0", "0");
    }

    [Fact]
    public async Task A_backlog_without_a_consumer_is_lag()
    {
        await AppendAsync(25);
        await HasAsync("0", "25", "25");
    }

    [Fact]
    public async Task Work_in_progress_counts_as_pending_and_not_as_lag()
    {
        await AppendAsync(10);
        await using var group = Join("busy");
        await ReadAsync(group, 10);
        await HasAsync("10", "0", "10");
    }

    [Fact]
    public async Task Deliveries_of_an_ended_consumer_stay_pending()
    {
        await AppendAsync(10);
        await using (var crashed = Join("dead"))
            await ReadAsync(crashed, 4);
        await HasAsync("4", "6", "10");
    }

    [Fact]
    public async Task Settled_entries_count_only_in_the_length_until_they_are_trimmed()
    {
        await AppendAsync(10);
        await using var group = Join("busy");
        await group.SettleAsync(await ReadAsync(group, 10), CancellationToken.None);
        await HasAsync("0", "0", "10");
        Assert.Equal(10, await _partition.Partition.Stream.TrimAsync(CancellationToken.None));
        await HasAsync("0", "0", "0");
    }

    [Fact]
    public async Task Trimming_below_the_outstanding_entries_keeps_every_value_right()
    {
        await AppendAsync(30);
        await using var group = Join("busy");
        await group.SettleAsync(await ReadAsync(group, 10), CancellationToken.None);
        await ReadAsync(group, 5);
        Assert.Equal(10, await _partition.Partition.Stream.TrimAsync(CancellationToken.None));
        await HasAsync("5", "15", "20");
    }

    [Fact]
    public async Task A_dead_letter_is_not_counted_until_it_is_replayed()
    {
        await AppendAsync(1);
        await using var group = Join("busy");
        var delivery = Assert.Single(await ReadAsync(group, 1));
        Assert.True(await _partition.Partition.DeadLetters.MoveAsync(
            delivery, "busy", new FailureRecord(DeadLetterReasons.Permanent, "Test", "no"), CancellationToken.None));
        await _partition.Partition.Stream.TrimAsync(CancellationToken.None);
        await HasAsync("0", "0", "0");

        var deadLetter = Assert.Single(await _partition.Partition.DeadLetters.ListAsync(10, null, null, null, CancellationToken.None));
        await _partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "test", CancellationToken.None);
        await HasAsync("0", "1", "1");
    }

    [Fact]
    public async Task The_lag_stays_known_through_reads_settles_dead_letters_trims_and_replays()
    {
        var cursor = await Mails.AppendAsync(_partition.Partition.Stream, 20);
        await _partition.EnsureGroupAsync();
        await using var group = Join("busy");
        var uid = 20u;
        for (var round = 0; round < 20; round++)
        {
            var deliveries = await ReadAsync(group, 7);
            await LagIsKnownAsync();
            await group.SettleAsync([.. deliveries.Take(4)], CancellationToken.None);
            foreach (var delivery in deliveries.Skip(4).Take(2))
                await _partition.Partition.DeadLetters.MoveAsync(
                    delivery, "busy", new FailureRecord("permanent", "Test", "no"), CancellationToken.None);
            await LagIsKnownAsync();
            await _partition.Partition.Stream.TrimAsync(CancellationToken.None);
            await LagIsKnownAsync();
            await _partition.Partition.Stream.AppendAsync(
                Mails.Mailbox, cursor, uid, Mails.Items(uid + 1, uid + 5), Mails.Window, CancellationToken.None);
            uid += 5;
            if ((await _partition.Partition.DeadLetters.ListAsync(1, null, null, null, CancellationToken.None)) is [var deadLetter])
                await _partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "test", CancellationToken.None);
            await LagIsKnownAsync();
        }
    }

    // The product never deletes a single unread entry. The length is a trigger for this case.
    [Fact]
    public async Task An_entry_deleted_by_hand_makes_the_lag_unknown_and_the_length_still_wakes()
    {
        await AppendAsync(10);
        await using var group = Join("busy");
        await ReadAsync(group, 2);
        var entries = await _partition.Database.StreamRangeAsync(_partition.Keys.Stream, "-", "+");
        await _partition.Database.StreamDeleteAsync(_partition.Keys.Stream, [entries[5].Id]);
        await HasAsync("2", $"{LagRule.Unknown}", "9");
    }

    [Fact]
    public async Task A_key_of_another_kind_is_an_error_for_every_trigger()
    {
        await _partition.Database.StringSetAsync(_partition.Keys.Stream, "no stream");
        await HasAsync("WRONGTYPE", "WRONGTYPE", "WRONGTYPE");
    }

    [Fact]
    public async Task An_unreachable_Redis_is_one_short_error()
    {
        var options = new StreamOptions { ConnectionString = $"127.0.0.1:{Loopback.FreePort()},connectTimeout=200,asyncTimeout=200" };
        await using var connection = StreamConnection.Create(Options.Create(options));
        var reading = await new RedisTriggers(connection).ReadAsync(TestScaledObject.Read(_partition).Triggers[0], CancellationToken.None);
        Assert.Equal(TriggerReading.Unreachable("Redis does not answer"), reading);
    }

    private async Task HasAsync(params string[] values) => Assert.Equal(values, await TestScaledObject.ValuesAsync(_partition));

    private async Task LagIsKnownAsync()
    {
        var group = Assert.Single(await _partition.Database.StreamGroupInfoAsync(_partition.Keys.Stream));
        Assert.NotNull(group.Lag);
        var unread = await _partition.Database.StreamRangeAsync(_partition.Keys.Stream, $"({group.LastDeliveredId}", "+");
        Assert.Equal(unread.Length, group.Lag);
    }

    private async Task AppendAsync(int count)
    {
        await Mails.AppendAsync(_partition.Partition.Stream, count);
        await _partition.EnsureGroupAsync();
    }

    private ConsumerGroup Join(string name) => _partition.Partition.Join(name, Lease);

    private static Task<IReadOnlyList<Delivery>> ReadAsync(ConsumerGroup group, int count) =>
        group.Reader.ReadAsync(count, TimeSpan.FromMilliseconds(100), CancellationToken.None);
}
