using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public class UidSearchTests
{
    [Fact]
    public void A_range_is_not_expanded_beyond_what_the_folder_can_hold()
    {
        var taken = 0u;
        IEnumerable<uint> Range()
        {
            for (var uid = 1u; ; uid++)
                yield return taken = uid;
        }

        Assert.Null(UidSearch.Bounded(Range(), 1_000));
        Assert.Equal(1_001u, taken);
    }

    [Fact]
    public void Uids_come_ascending_and_once() =>
        Assert.Equal([1u, 2, 3, 4_294_967_295], UidSearch.Bounded([3, 1, 4_294_967_295, 2, 3, 1], 6)!);

    [Fact]
    public void A_folder_of_usual_size_is_searched_at_once()
    {
        var ranges = new List<(uint, uint)>();
        UidSearch.After(7, 1_000_000, 9_000_000, (from, to) =>
        {
            ranges.Add((from, to));
            return [];
        });

        Assert.Equal([(8u, uint.MaxValue)], ranges);
    }

    [Fact]
    public void A_larger_one_is_searched_in_parts()
    {
        var ranges = new List<(uint, uint)>();
        var found = UidSearch.After(7, 1_500_000, 2_000_010, (from, to) =>
        {
            ranges.Add((from, to));
            return [from, to];
        });

        Assert.Equal([(8u, 1_000_007u), (1_000_008u, 2_000_007u), (2_000_008u, 2_000_009u)], ranges);
        Assert.Equal([8u, 1_000_007, 1_000_008, 2_000_007, 2_000_008, 2_000_009], found!);
    }

    [Fact]
    public void The_number_of_kept_UIDs_is_bounded()
    {
        var searches = 0;

        Assert.Null(UidSearch.After(0, uint.MaxValue, null, (_, _) =>
        {
            searches++;
            return new uint[1_000_000];
        }));
        Assert.Equal(5, searches);
    }
}
