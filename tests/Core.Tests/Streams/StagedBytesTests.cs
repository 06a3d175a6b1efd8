using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Tests how many bodies are written to Redis at a time.</summary>
public sealed class StagedBytesTests
{
    private readonly StagedBytes _staged = new();

    [Fact]
    public void Bodies_are_admitted_while_all_of_them_fit()
    {
        using var first = _staged.TryAdd(30, 80);
        using var second = _staged.TryAdd(50, 80);

        Assert.Null(_staged.TryAdd(1, 80));
        Assert.NotNull(second);
    }

    [Fact]
    public void One_is_always_admitted_and_its_end_makes_room()
    {
        using (_staged.TryAdd(30, -5))
            Assert.Null(_staged.TryAdd(30, 59));

        using var next = _staged.TryAdd(30, -5);

        Assert.False(next!.HadOthers);
    }

    [Fact]
    public void Bodies_that_were_written_at_the_same_time_know_it()
    {
        using var first = _staged.TryAdd(30, 100);
        var second = _staged.TryAdd(30, 100);
        second!.Dispose();

        Assert.True(first!.HadOthers);
        Assert.True(second.HadOthers);
    }
}
