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

    private Task<int> TakeAsync(int most, bool trial = false) => _slots.TakeAsync(most, trial, TestContext.Current.CancellationToken);
}
