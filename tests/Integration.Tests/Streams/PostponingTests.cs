using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests a delivery that waits for the time that the processor's dependency requested.</summary>
public sealed class PostponingTests(TestServers servers) : IAsyncLifetime
{
    private const int Max = 3;

    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(300);

    private readonly TestPartition _partition = new(servers);
    private ConsumerGroup _group = null!;
    private Delivery _delivery = null!;

    public async ValueTask InitializeAsync()
    {
        await _partition.EnsureGroupAsync();
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        _group = _partition.Partition.Join("one", Lease);
        _delivery = Assert.Single(await _group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        await _partition.DisposeAsync();
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.5)]
    public async Task A_postponed_email_is_delivered_after_its_time_with_the_same_count(double seconds)
    {
        var asked = TimeProvider.System.GetTimestamp();
        Assert.Equal(PostponeResult.Uncounted, await PostponeAsync(TimeSpan.FromSeconds(seconds)));
        Assert.Equal([$"{_delivery.EntryId} (retry) 0"], await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream));

        var again = await ReclaimAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds + 30));
        Assert.Equal((_delivery.EntryId, 1), (again.EntryId, again.DeliveryCount));
    }

    [Fact]
    public async Task Other_emails_are_delivered_while_one_is_postponed()
    {
        await PostponeAsync(TimeSpan.FromHours(1));
        await _partition.Partition.Stream.AppendAsync(
            Mails.Mailbox, (await _partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!, 1,
            Mails.Items(2, 2), Mails.Window,
            CancellationToken.None);
        var other = Assert.Single(await _group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None));
        await _group.RetryAsync(other, CancellationToken.None);
        var again = await ReclaimAsync();
        Assert.Equal((other.EntryId, 2), (again.EntryId, again.DeliveryCount));
        Assert.Contains($"{_delivery.EntryId} (retry) 0", await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream));
    }

    [Fact]
    public async Task A_postponed_entry_that_is_deleted_counts_as_vanished()
    {
        await PostponeAsync(TimeSpan.FromHours(1));
        await _partition.Database.StreamDeleteAsync(_partition.Keys.Stream, [_delivery.EntryId]);

        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Empty((await _group.ReclaimAsync(Max)).Deliveries);
                return (await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream)).Length == 0;
            },
            "the delivery was checked");

        Assert.Equal((1, _delivery.EntryId), await _partition.Partition.Stream.TakeVanishedAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_day_after_the_first_postponement_it_is_counted()
    {
        await PostponedAsync(hoursAgo: 25);
        Assert.Equal(PostponeResult.Counted, await PostponeAsync(TimeSpan.FromHours(1)));
        Assert.Equal([$"{_delivery.EntryId} (retry) 1"], await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream));
    }

    [Fact]
    public async Task The_last_delivery_is_not_postponed_once_it_counts()
    {
        await PostponedAsync(hoursAgo: 25);
        var before = await RedisState.OfAsync(_partition);
        Assert.Equal(
            PostponeResult.Exhausted,
            await _group.PostponeAsync(_delivery, TimeSpan.FromHours(1), maxDeliveries: 1, CancellationToken.None));
        Assert.Equal(before, await RedisState.OfAsync(_partition));
    }

    [Fact]
    public async Task Within_the_day_even_the_last_delivery_is_postponed_uncounted()
    {
        await PostponedAsync(hoursAgo: 23);
        Assert.Equal(
            PostponeResult.Uncounted,
            await _group.PostponeAsync(_delivery, TimeSpan.FromHours(1), maxDeliveries: 1, CancellationToken.None));
        Assert.Equal([$"{_delivery.EntryId} (retry) 0"], await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream));
    }

    [Fact]
    public async Task A_rejected_delivery_does_not_count_a_day_after_the_first_postponement()
    {
        await PostponedAsync(hoursAgo: 25);
        Assert.Equal(PostponeResult.Uncounted, await RejectAsync());
        Assert.Equal([$"{_delivery.EntryId} (retry) 0"], await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream));
        var again = await ReclaimAsync();
        Assert.Equal(PostponeResult.Counted, await _group.PostponeAsync(again, TimeSpan.FromHours(1), Max, CancellationToken.None));
    }

    // An email can be rejected for days. It has its day when it is tried.
    [Fact]
    public async Task A_rejected_delivery_does_not_begin_the_day()
    {
        Assert.Equal(PostponeResult.Uncounted, await RejectAsync());
        Assert.Null(await FirstPostponedAsync());
        Assert.InRange(
            (await _partition.Database.KeyTimeToLiveAsync(_partition.Keys.Postponed))!.Value, TimeSpan.FromHours(47),
            TimeSpan.FromHours(48));

        var again = await ReclaimAsync();
        Assert.Equal(
            PostponeResult.Uncounted, await _group.PostponeAsync(again, TimeSpan.FromHours(1), maxDeliveries: 1, CancellationToken.None));
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange((await FirstPostponedAsync())!.Value, now.AddMinutes(-5), now.AddMinutes(5));
    }

    [Fact]
    public async Task A_delivery_of_another_consumer_is_not_postponed()
    {
        await _partition.Database.StreamClaimAsync(_partition.Keys.Stream, StreamKeys.Group, "thief", 0, [_delivery.EntryId]);
        var before = await RedisState.OfAsync(_partition);
        Assert.Equal(PostponeResult.Lost, await PostponeAsync(TimeSpan.FromSeconds(1)));
        Assert.Equal(before, await RedisState.OfAsync(_partition));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_settle_or_a_dead_letter_deletes_the_postponement(bool settled)
    {
        await PostponeAsync(TimeSpan.FromMilliseconds(1));
        Assert.True(await _partition.Database.HashExistsAsync(_partition.Keys.Postponed, _delivery.EntryId));
        Assert.InRange(
            (await _partition.Database.KeyTimeToLiveAsync(_partition.Keys.Postponed))!.Value, TimeSpan.FromHours(47),
            TimeSpan.FromHours(48));
        var again = await ReclaimAsync();

        if (settled)
            Assert.Equal([SettleResult.Settled], await _group.SettleAsync([again], CancellationToken.None));
        else
            Assert.True(await _partition.Partition.DeadLetters.MoveAsync(
                again, "one", FailureRecord.Of("permanent", "T", "no"), CancellationToken.None));

        Assert.False(await _partition.Database.KeyExistsAsync(_partition.Keys.Postponed));
    }

    private Task<PostponeResult> PostponeAsync(TimeSpan wait) => _group.PostponeAsync(_delivery, wait, Max, CancellationToken.None);

    private Task<PostponeResult> RejectAsync() =>
        _group.PostponeAsync(_delivery, TimeSpan.FromMilliseconds(1), maxDeliveries: null, CancellationToken.None);

    private async Task<DateTimeOffset?> FirstPostponedAsync()
    {
        var times = ((string)(await _partition.Database.HashGetAsync(_partition.Keys.Postponed, _delivery.EntryId))!).Split(' ');
        return times.Length < 2
            ? null
            : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(times[1], CultureInfo.InvariantCulture));
    }

    // Simulates a delivery that was first postponed so many hours ago and whose last wait is over.
    private Task<bool> PostponedAsync(int hoursAgo)
    {
        var first = TimeProvider.System.GetUtcNow().AddHours(-hoursAgo).ToUnixTimeMilliseconds();
        return _partition.Database.HashSetAsync(_partition.Keys.Postponed, _delivery.EntryId, $"{first + 1_000} {first}");
    }

    private async Task<Delivery> ReclaimAsync()
    {
        Reclaimed? reclaimed = null;
        await Eventually.TrueAsync(
            async () => (reclaimed = await _group.ReclaimAsync(Max)).Deliveries.Count > 0,
            "the entry is delivered again");
        return Assert.Single(reclaimed!.Deliveries);
    }
}
