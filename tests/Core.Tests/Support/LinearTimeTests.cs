using Xunit;
using Xunit.Sdk;

namespace EmailIngestion.Core.Tests.Support;

public sealed class LinearTimeTests
{
    private const int Size = 20_000;

    [Fact]
    public void Work_in_proportion_passes() => LinearTime.Check(Size * 500, size => size, size => Spin(size));

    [Fact]
    public void Work_that_grows_with_the_square_fails() =>
        Assert.Throws<FailException>(() => LinearTime.Check(Size, size => size, size => Spin((long)size * size / 4)));

    private static void Spin(long times)
    {
        var sum = 0L;
        for (var i = 0L; i < times; i++)
            sum = (sum * 31) + i;
        GC.KeepAlive(sum);
    }
}
