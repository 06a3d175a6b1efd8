using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class PollBudgetTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly PollBudget _budget = new(100);

    public void Dispose() => _budget.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_share_that_fits_is_taken_at_once_and_any_other_waits_for_room()
    {
        await TakeAsync(60);
        await TakeAsync(40);
        var third = _budget.TakeAsync(50, Cancel);

        _budget.Release(40);
        Assert.False(third.IsCompleted);
        _budget.Release(60);

        await third.WaitAsync(Soon, Cancel);
        Assert.Equal(100, _budget.Peak);
    }

    [Fact]
    public async Task A_share_larger_than_the_limit_is_taken_with_no_other_beside_it()
    {
        await TakeAsync(1);
        var large = _budget.TakeAsync(500, Cancel);
        Assert.False(large.IsCompleted);
        _budget.Release(1);
        await large.WaitAsync(Soon, Cancel);

        var small = _budget.TakeAsync(1, Cancel);
        Assert.False(small.IsCompleted);
        _budget.Release(500);
        await small.WaitAsync(Soon, Cancel);
    }

    [Fact]
    public async Task Small_shares_go_on_while_a_large_one_waits_but_do_not_starve_it()
    {
        await TakeAsync(90);
        var large = _budget.TakeAsync(95, Cancel);
        var overtaking = 0;
        Task small;
        while ((small = _budget.TakeAsync(5, Cancel)).IsCompleted)
        {
            _budget.Release(5);
            Assert.InRange(++overtaking, 1, 1_000);
        }

        Assert.True(overtaking > 10);
        _budget.Release(90);

        await large.WaitAsync(Soon, Cancel);
        await small.WaitAsync(Soon, Cancel);
    }

    [Fact]
    public async Task A_cancelled_wait_takes_nothing_and_lets_the_next_ones_through()
    {
        using var deadline = new CancellationTokenSource();
        await TakeAsync(90);
        var large = _budget.TakeAsync(500, deadline.Token);
        var behind = _budget.TakeAsync(20, Cancel);

        await deadline.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        _budget.Release(90);
        await behind.WaitAsync(Soon, Cancel);
        await TakeAsync(80);
    }

    [Fact]
    public async Task A_disposed_share_releases_the_rest_of_its_bytes_and_nothing_twice()
    {
        var share = _budget.Open();
        share.Take(60, Cancel);
        share.Grow(80);
        share.Release(10);
        share.Dispose();
        share.Release(130);
        share.Dispose();

        await TakeAsync(100);
        Assert.Equal(140, _budget.Peak);
        Assert.False(_budget.TakeAsync(1, Cancel).IsCompleted);
    }

    [Fact]
    public async Task Many_at_once_never_pass_the_limit_and_all_get_their_turn()
    {
        var random = new Random(7);
        var sizes = Enumerable.Range(0, 200).Select(_ => random.Next(1, 100)).ToArray();

        await Task.WhenAll(sizes.Select(async size =>
        {
            await _budget.TakeAsync(size, Cancel);
            await Task.Yield();
            _budget.Release(size);
        })).WaitAsync(Soon, Cancel);

        Assert.InRange(_budget.Peak, 50, 100);
        await TakeAsync(100);
    }

    private async Task TakeAsync(long bytes)
    {
        var taken = _budget.TakeAsync(bytes, Cancel);
        Assert.True(taken.IsCompleted);
        await taken;
    }
}
