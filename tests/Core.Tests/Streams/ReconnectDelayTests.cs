using EmailIngestion.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class ReconnectDelayTests
{
    [Theory]
    [InlineData(0, 999, false)]
    [InlineData(0, 1_000, true)]
    [InlineData(1, 1_999, false)]
    [InlineData(1, 2_000, true)]
    [InlineData(3, 7_999, false)]
    [InlineData(3, 8_000, true)]
    [InlineData(long.MaxValue, 8_000, true)]
    public void Each_try_gets_twice_the_time_of_the_one_before_and_none_more_than_eight_seconds(long givenUp, int elapsed, bool again) =>
        Assert.Equal(again, new ReconnectDelay().ShouldRetry(givenUp, elapsed));
}
