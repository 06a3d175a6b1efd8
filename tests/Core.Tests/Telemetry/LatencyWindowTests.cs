using EmailIngestion.Telemetry;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Telemetry;

public sealed class LatencyWindowTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddHours(1));
    private readonly LatencyWindow _window;

    public LatencyWindowTests() => _window = new LatencyWindow(_time);

    [Fact]
    public void Without_a_latency_there_are_no_percentiles() => Assert.Null(_window.Read());

    [Fact]
    public void Percentiles_are_right_to_within_a_quarter()
    {
        for (var i = 1; i <= 1_000; i++)
            _window.Record(TimeSpan.FromMilliseconds(i));
        var read = _window.Read()!;
        Assert.InRange(read.P50, 0.5, 0.5 * 1.25);
        Assert.InRange(read.P95, 0.95, 0.95 * 1.25);
        Assert.InRange(read.P99, 0.99, 0.99 * 1.25);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1e9)]
    public void A_latency_out_of_range_counts_at_its_end(double seconds)
    {
        _window.Record(TimeSpan.FromSeconds(seconds));
        Assert.InRange(_window.Read()!.P99, 0.001, 1e7);
    }

    [Fact]
    public void A_latency_is_forgotten_after_five_minutes()
    {
        _window.Record(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(_window.Read());
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(_window.Read());
        _window.Record(TimeSpan.FromSeconds(5));
        Assert.InRange(_window.Read()!.P50, 5, 6.25);
    }
}
