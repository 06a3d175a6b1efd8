using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class ByteRoomTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_counts_as_the_budget_does(int seed)
    {
        var random = new Random(seed);
        long[] sizes = [1, 1_000, ByteBudget.SmallBytes, ByteBudget.SmallBytes + 1, MiB, 2 * MiB, 3 * MiB, 9 * MiB];
        using var budget = new ByteBudget(8 * MiB);
        var room = budget.Room;

        for (var i = 0; i < 100; i++)
        {
            var bytes = sizes[random.Next(sizes.Length)];
            if (!room.Fits(bytes))
                continue;
            budget.Take(bytes);
            room = room.Without(bytes);

            Assert.Equal(budget.Room, room with { Free = Math.Max(0, room.Free), ForLarge = Math.Max(0, room.ForLarge) });
        }
    }

    [Fact]
    public void The_sizes_of_a_bounded_number_of_large_entries_are_known()
    {
        var sizes = new LargeEntries(TimeProvider.System);
        sizes.Note("0-1", ByteBudget.SmallBytes);
        for (var i = 0; i <= LargeEntries.Most; i++)
            sizes.Note($"1-{i}", MiB);

        Assert.Null(sizes.Of("0-1"));
        Assert.Null(sizes.Of("1-0"));
        Assert.Equal(MiB, sizes.Of("1-1"));
        var none = new ByteRoom(0, 0, MiB / 2, Alone: false);
        var all = new ByteRoom(MiB, MiB, MiB / 2, Alone: true);
        Assert.Equal((LargeEntries.Most, 0), (sizes.Without(none).Length, sizes.Passing(none).Length));
        Assert.Equal((0, LargeEntries.Most), (sizes.Without(all).Length, sizes.Passing(all).Length));
    }
}
