using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests up to which entry the groups of a stream still need it.</summary>
public sealed class NeededTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_stream_or_a_group_everything_is_needed()
    {
        await using var partition = new TestPartition(servers);
        Assert.Equal(EntryPosition.Parse("0-0"), (await partition.Partition.Stream.ProgressAsync(partition.Name, Cancel)).Needed);

        await Mails.AppendAsync(partition.Partition.Stream, 3);
        var progress = await partition.Partition.Stream.ProgressAsync(partition.Name, Cancel);

        Assert.Equal(EntryPosition.Parse("0-0"), progress.Needed);
        Assert.Equal(EntryPosition.Parse((await partition.Database.StreamInfoAsync(partition.Keys.Stream)).LastEntry.Id!), progress.Last);
    }

    [Fact]
    public async Task The_lowest_pending_or_else_the_first_unread_entry_is_needed_and_nothing_changes()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 3);
        var places = (await partition.Database.StreamRangeAsync(partition.Keys.Stream)).Select(entry => EntryPosition.Parse(entry.Id!))
            .ToArray();
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));

        Assert.Equal(EntryPosition.Parse("0-1"), await NeededAsync(partition));
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), Cancel);
        var before = await RedisState.OfAsync(partition);
        Assert.Equal(places[0], await NeededAsync(partition));
        Assert.Equal(before, await RedisState.OfAsync(partition));
        await group.SettleAsync([deliveries[1]], Cancel);
        Assert.Equal(places[0], await NeededAsync(partition));
        await group.SettleAsync([deliveries[0]], Cancel);

        Assert.Equal(new EntryPosition(places[1].Milliseconds, places[1].Sequence + 1), await NeededAsync(partition));
    }

    [Fact]
    public async Task A_group_that_has_read_nothing_needs_everything()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        await Mails.AppendAsync(partition.Partition.Stream, 2);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.SettleAsync(await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), Cancel), Cancel);

        await partition.Database.StreamCreateConsumerGroupAsync(partition.Keys.Stream, "another", "0-0");

        Assert.Equal(EntryPosition.Parse("0-1"), await NeededAsync(partition));
    }

    private static async Task<EntryPosition> NeededAsync(TestPartition partition) =>
        (await partition.Partition.Stream.ProgressAsync(partition.Name, Cancel)).Needed;
}
