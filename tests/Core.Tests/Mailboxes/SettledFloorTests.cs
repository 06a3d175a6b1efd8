using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class SettledFloorTests
{
    private readonly SettledFloor _floor = new();

    [Fact]
    public void Without_a_note_nothing_is_settled() => Assert.Null(_floor.Below(Place("9-0")));

    [Fact]
    public void The_highest_note_below_what_is_still_needed_is_settled()
    {
        _floor.Add(Place("1-0"), 10, null);
        _floor.Add(Place("2-0"), 20, null);
        _floor.Add(Place("10-5"), 30, null);

        Assert.Null(_floor.Below(Place("1-0")));
        Assert.Equal(10u, _floor.Below(Place("1-1"))?.Uid);
        Assert.Equal(20u, _floor.Below(Place("10-5"))?.Uid);
        Assert.Equal(30u, _floor.Below(Place("10-6"))?.Uid);
    }

    [Fact]
    public void A_uid_that_is_noted_again_keeps_its_first_place()
    {
        _floor.Add(Place("1-0"), 10, null);
        _floor.Add(Place("5-0"), 10, null);

        Assert.Equal(10u, _floor.Below(Place("2-0"))?.Uid);
    }

    [Fact]
    public void A_stream_that_was_set_back_loses_its_notes()
    {
        _floor.Add(Place("5-0"), 50, null);
        _floor.Add(Place("3-0"), 30, null);

        Assert.Equal(30u, _floor.Below(Place("9-0"))?.Uid);
    }

    [Fact]
    public void With_any_number_of_notes_it_never_claims_too_much_and_lags_little()
    {
        const uint Count = 10_000;
        for (uint uid = 1; uid <= Count; uid++)
            _floor.Add(Place($"{uid}-0"), uid, null);

        uint settled = 0;
        for (uint needed = 1; needed <= Count + 1; needed++)
        {
            var below = _floor.Below(Place($"{needed}-0"))?.Uid ?? 0;
            Assert.InRange(below, settled, needed - 1);
            settled = below;
        }

        Assert.Equal(Count, settled);
    }

    private static EntryPosition Place(string id) => EntryPosition.Parse(id);
}
