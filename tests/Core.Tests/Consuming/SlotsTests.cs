using EmailIngestion.Consuming;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class SlotsTests : IDisposable
{
    private readonly Slots _slots = new(2);

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task As_many_are_taken_as_are_free()
    {
        Assert.Equal(2, await TakeAsync(10));
        _slots.Release(1);
        Assert.Equal(1, await TakeAsync(10));
        Assert.Equal(0, await TakeAsync(10));
    }

    [Fact]
    public async Task With_all_slots_taken_a_trial_gets_one_more_and_only_one()
    {
        await TakeAsync(2);
        Assert.Equal(1, await TakeAsync(1, trial: true));
        Assert.Equal(0, await TakeAsync(1, trial: true));
    }

    [Fact]
    public async Task A_trial_takes_a_slot_that_is_free()
    {
        Assert.Equal(1, await TakeAsync(1, trial: true));
        _slots.Release(1);
        Assert.Equal(2, await TakeAsync(10));
    }

    [Fact]
    public async Task After_the_trial_there_are_as_many_as_before()
    {
        await TakeAsync(2);
        await TakeAsync(1, trial: true);
        // The first of the three to end returns the extra slot.
        _slots.Release(1);
        Assert.Equal(0, await TakeAsync(10));
        _slots.Release(2);
        Assert.Equal(2, await TakeAsync(10));
        Assert.Equal(0, await TakeAsync(10));
    }

    [Fact]
    public async Task When_the_trial_has_ended_the_next_gets_a_slot_again()
    {
        await TakeAsync(2);
        for (var trial = 0; trial < 3; trial++)
        {
            Assert.Equal(1, await TakeAsync(1, trial: true));
            _slots.Release(1);
        }
    }

    [Fact]
    public async Task More_slots_are_free_at_once()
    {
        await TakeAsync(2);
        _slots.Resize(5);
        Assert.Equal(3, await TakeAsync(10));
        Assert.Equal(5, _slots.Count);
    }

    [Fact]
    public async Task Fewer_slots_are_taken_away_as_runs_end()
    {
        _slots.Resize(5);
        await TakeAsync(4);
        _slots.Resize(2);
        Assert.Equal(0, await TakeAsync(10));
        _slots.Release(2);
        Assert.Equal(0, await TakeAsync(10));
        _slots.Release(1);
        Assert.Equal(1, await TakeAsync(10));
    }

    [Fact]
    public async Task Slots_that_are_owed_are_paid_before_more_are_free()
    {
        await TakeAsync(2);
        _slots.Resize(1);
        _slots.Resize(3);
        Assert.Equal(1, await TakeAsync(10));
        _slots.Release(3);
        Assert.Equal(3, await TakeAsync(10));
    }

    [Fact]
    public async Task Taken_slots_above_the_number_can_be_given_up_without_a_run()
    {
        await TakeAsync(2);
        _slots.Resize(1);
        Assert.Equal(1, _slots.GiveUp(2));
        Assert.Equal(0, _slots.GiveUp(1));
        _slots.Release(1);
        Assert.Equal(1, await TakeAsync(10));
    }

    [Fact]
    public async Task However_the_number_changes_none_is_lost()
    {
        var random = new Random(20);
        var taken = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var count = random.Next(1, 20);
            _slots.Resize(count);
            taken -= _slots.GiveUp(random.Next(taken + 1));
            var released = random.Next(taken + 1);
            _slots.Release(released);
            taken -= released;
            if (taken < count)
                taken += await TakeAsync(random.Next(1, 20));
            Assert.InRange(taken, 0, 20);
        }

        _slots.Release(taken);
        _slots.Resize(7);
        Assert.Equal(7, await TakeAsync(100));
    }

    private Task<int> TakeAsync(int most, bool trial = false) => _slots.TakeAsync(most, trial, TestContext.Current.CancellationToken);
}
