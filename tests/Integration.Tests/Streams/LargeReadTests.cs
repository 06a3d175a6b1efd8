using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests reads of many entries after a full read. They are sent in parts.</summary>
public sealed class LargeReadTests(TestServers servers) : IAsyncLifetime
{
    private const int First = 125;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Block = TimeSpan.FromMilliseconds(10);

    private LosingProxy _proxy = null!;
    private TestPartition _partition = null!;
    private ConsumerGroup _group = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _proxy = new LosingProxy(servers);
        _partition = new TestPartition(servers, options => options.ConnectionString = _proxy.ConnectionString);
        await _partition.EnsureGroupAsync();
        _group = _partition.Partition.Join("one", Lease);
    }

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        await _partition.DisposeAsync();
        _proxy.Dispose();
    }

    [Fact]
    public async Task A_large_read_returns_as_many_as_it_asks_for_in_the_order_of_the_stream()
    {
        await ReadFirstOfAsync(700);

        var read = await _group.Reader.ReadAsync(501, Block, Cancel);
        var pending = await PendingAsync();
        var rest = await _group.Reader.ReadAsync(501, Block, Cancel);

        Assert.Equal(Mails.UidRange(First + 1, First + 501), Uids(read));
        Assert.All(read, delivery => Assert.Equal(1, delivery.DeliveryCount));
        Assert.Equal(read.Select(delivery => $"{delivery.EntryId} one 1"), pending.Skip(First));
        Assert.Equal(Mails.UidRange(First + 502, 700), Uids(rest));
        Assert.Empty(await _group.Reader.ReadAsync(501, Block, Cancel));
    }

    [Fact]
    public async Task A_large_read_that_is_cancelled_returns_what_was_delivered_to_it()
    {
        await ReadFirstOfAsync(400);

        var read = await _group.Reader.ReadAsync(250, Block, new CancellationToken(canceled: true));

        Assert.Equal(Mails.UidRange(First + 1, First + 250), Uids(read));
        Assert.Equal(First + 250, (await PendingAsync()).Length);
    }

    [Fact]
    public async Task A_large_read_of_which_parts_are_lost_returns_the_others_and_the_rest_is_recovered()
    {
        var known = await ReadFirstOfAsync(700);
        using var leases = new LeaseRenewer(_group, Lease, TimeProvider.System);
        var fetch = new BudgetedFetch(_group.Reader, leases, TimeProvider.System);
        // The first part arrives: its entries have some 800 bytes.
        _proxy.LoseReplyTo("XREADGROUP", after: 150 * 1024);

        IReadOnlyList<Lease> read;
        using (var reserved = _group.Reader.Budget.Reserve(500))
            read = await fetch.ReadPlainAsync(reserved, Block, Cancel);

        Assert.Equal(Mails.UidRange(First + 1, 2 * First), Uids(read.Select(lease => lease.Delivery)));
        Assert.True(fetch.ReplyLost);
        // All that was delivered is either known or released.
        known = [.. known, .. read.Select(lease => lease.Delivery.EntryId)];
        string[] owned = [.. known.Select(entry => $"{entry} one 1")];
        await Eventually.TrueAsync(async () => await ReleaseLostAsync(known) > 0, "lost deliveries are released");
        await Eventually.TrueAsync(
            async () =>
            {
                await ReleaseLostAsync(known);
                return owned.SequenceEqual((await PendingAsync()).Where(entry => !entry.EndsWith(" (retry) 0", StringComparison.Ordinal)));
            },
            "all lost deliveries are released");
    }

    [Fact]
    public async Task A_large_read_of_which_one_part_is_refused_returns_the_others_and_nothing_is_lost()
    {
        await ReadFirstOfAsync(700);
        using var leases = new LeaseRenewer(_group, Lease, TimeProvider.System);
        var fetch = new BudgetedFetch(_group.Reader, leases, TimeProvider.System);
        _proxy.Refuse("XREADGROUP", number: 2);

        IReadOnlyList<Lease> read;
        using (var reserved = _group.Reader.Budget.Reserve(500))
            read = await fetch.ReadPlainAsync(reserved, Block, Cancel);

        Assert.Equal(Mails.UidRange(First + 1, 4 * First), Uids(read.Select(lease => lease.Delivery)));
        Assert.False(fetch.ReplyLost);
        Assert.Equal(4 * First, (await PendingAsync()).Length);
        Assert.Equal(Mails.UidRange((4 * First) + 1, 700), Uids(await _group.Reader.ReadAsync(501, Block, Cancel)));
    }

    [Fact]
    public async Task A_large_read_of_which_every_part_is_lost_fails()
    {
        await ReadFirstOfAsync(700);
        using var leases = new LeaseRenewer(_group, Lease, TimeProvider.System);
        var budget = _group.Reader.Budget;
        var fetch = new BudgetedFetch(_group.Reader, leases, TimeProvider.System);
        _proxy.LoseReplyTo("XREADGROUP", after: 1024);

        using (var reserved = budget.Reserve(500))
            await Assert.ThrowsAnyAsync<RedisException>(() => fetch.ReadPlainAsync(reserved, Block, Cancel));

        Assert.Equal((true, 0, budget.Limit), (fetch.ReplyLost, leases.Count, budget.Room.Free));
    }

    // 0 while the reader connects again.
    private async Task<int> ReleaseLostAsync(IReadOnlyList<string> known)
    {
        try
        {
            return (await _group.Reader.ReleaseLostAsync(1000, known, Cancel)).Released;
        }
        catch (RedisException)
        {
            return 0;
        }
    }

    // A read of some, so that the next one does not wait.
    private async Task<IReadOnlyList<string>> ReadFirstOfAsync(int count)
    {
        await Mails.AppendAsync(_partition.Partition.Stream, count);
        var read = await _group.Reader.ReadAsync(First, Block, Cancel);
        Assert.Equal(First, read.Count);
        return [.. read.Select(delivery => delivery.EntryId)];
    }

    private Task<string[]> PendingAsync() => RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream);

    private static IEnumerable<uint> Uids(IEnumerable<Delivery> read) => read.Select(delivery => delivery.Message!.Uid);
}
