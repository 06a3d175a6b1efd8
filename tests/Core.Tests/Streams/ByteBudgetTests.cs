using System.Collections.Concurrent;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class ByteBudgetTests
{
    private const long Limit = 1024 * 1024;

    // Far more than a slow machine needs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_fetch_that_hangs_does_not_hold_up_other_partitions()
    {
        using var budget = new ByteBudget(ByteBudget.DefaultLimit);
        Assert.True(await budget.EnterAsync(TestContext.Current.CancellationToken));

        Assert.False(await budget.EnterAsync(TestContext.Current.CancellationToken));

        budget.Exit();
        Assert.True(await budget.EnterAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_message_waits_until_it_fits_and_one_at_a_time_may_exceed_the_limit()
    {
        using var budget = new ByteBudget(Limit);
        var first = budget.Load(2 * Limit, "first", TestContext.Current.CancellationToken);
        var second = Task.Run(
            () => budget.Load(2 * Limit, "second", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        // The email that exceeds the limit never waits, or it might wait for itself.
        var more = budget.Load(Limit, "first", TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        Assert.True(budget.HasLarge);
        budget.Return(more);
        budget.Return(first);

        budget.Return(await second.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal((Limit, false), (budget.Room.Free, budget.HasLarge));
    }

    [Fact]
    public void A_message_that_fits_does_not_wait_for_one_that_exceeds_the_limit()
    {
        using var budget = new ByteBudget(Limit);
        var small = budget.Load(Limit / 2, "first", TestContext.Current.CancellationToken);
        var beyond = budget.Load(Limit, "second", TestContext.Current.CancellationToken);
        budget.Return(small);

        var fitting = budget.Load(Limit / 4, "third", TestContext.Current.CancellationToken);

        Assert.Equal(Limit / 4, fitting.Bytes);
        budget.Return(fitting);
        budget.Return(beyond);
        Assert.Equal(Limit, budget.Room.Free);
    }

    [Fact]
    public async Task Those_that_wait_for_room_get_it_in_turn()
    {
        const int Count = 10;
        using var budget = new ByteBudget(Limit);
        var holder = budget.Load(2 * Limit, "holder", TestContext.Current.CancellationToken);
        var order = new ConcurrentQueue<int>();
        var waits = new List<Task>();
        for (var index = 0; index < Count; index++)
        {
            var number = index;
            waits.Add(Task.Factory.StartNew(
                () =>
                {
                    var charge = budget.Load(2 * Limit, $"{number}", CancellationToken.None);
                    order.Enqueue(number);
                    budget.Return(charge);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default));
            // The next one comes when this one waits.
            Assert.True(SpinWait.SpinUntil(() => budget.Waiting == number + 1, Deadline));
        }

        budget.Return(holder);

        await Task.WhenAll(waits).WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Count), order);
    }

    [Fact]
    public async Task A_wait_that_ends_early_leaves_its_turn_to_the_next_one()
    {
        using var budget = new ByteBudget(Limit);
        var holder = budget.Load(2 * Limit, "holder", TestContext.Current.CancellationToken);
        using var attempt = new CancellationTokenSource();
        var cancelled = Task.Run(() => budget.Load(Limit, "cancelled", attempt.Token), TestContext.Current.CancellationToken);
        var next = Task.Run(
            () => budget.Load(Limit, "next", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await attempt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => cancelled.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));

        budget.Return(holder);

        budget.Return(await next.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal((Limit, false), (budget.Room.Free, budget.HasLarge));
    }

    [Fact]
    public async Task A_wait_for_room_ends_with_its_attempt()
    {
        using var budget = new ByteBudget(Limit);
        budget.Load(2 * Limit, "first", TestContext.Current.CancellationToken);
        using var attempt = new CancellationTokenSource();
        var waits = Task.Run(() => budget.Load(Limit, "second", attempt.Token), TestContext.Current.CancellationToken);

        await attempt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => waits.WaitAsync(Deadline, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Reads_at_the_same_time_never_reserve_more_than_there_is()
    {
        using var budget = new ByteBudget(Limit);
        var reads = Enumerable.Range(0, 20).Select(_ => budget.Reserve(10)).ToArray();

        Assert.InRange(reads.Sum(read => read.Bytes), Limit / 2, Limit);
        Assert.Equal(8, reads[0].Entries);
        Assert.All(reads[..4], read => Assert.True(read.Entries > 0, "Every one of a few partitions may read."));

        foreach (var read in reads)
        {
            read.Dispose();
            read.Dispose();
        }

        Assert.Equal((Limit, 0L), (budget.Room.Free, budget.Returns));
    }
}
