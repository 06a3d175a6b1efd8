using EmailIngestion.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class RoomWatchTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Waits_at_the_same_time_count_once_and_later_ones_are_added()
    {
        var watch = new RoomWatch(_time);
        watch.Run(() =>
        {
            Wait(2);
            Assert.Equal((true, TimeSpan.FromSeconds(2)), (watch.IsWaiting, watch.Waited));
            return watch.Run(() => Wait(3));
        });
        Assert.Equal((false, TimeSpan.FromSeconds(5)), (watch.IsWaiting, watch.Waited));
        Wait(10);

        Assert.Throws<OperationCanceledException>(() => watch.Run<int>(() =>
        {
            Wait(1);
            throw new OperationCanceledException();
        }));

        Assert.Equal((false, TimeSpan.FromSeconds(6)), (watch.IsWaiting, watch.Waited));
    }

    private int Wait(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return seconds;
    }
}
