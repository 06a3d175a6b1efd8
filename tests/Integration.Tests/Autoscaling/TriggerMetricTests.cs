using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class TriggerMetricTests
{
    private static readonly Trigger Lag = new() { Name = "lag", Kind = TriggerKind.Lag, Stream = "s", Group = "g", Target = 100 };

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(5, 5, false)]
    [InlineData(6, 5, true)]
    // A null lag is not active, whatever the activation value, and means no work.
    [InlineData(LagRule.Unknown, 0, false)]
    public void Active_is_above_the_activation_value(long value, long activation, bool active)
    {
        var metric = TriggerMetric.From(Lag with { Activation = activation }, TriggerReading.Of(value), null, 7, 3);
        Assert.Equal(new TriggerMetric(Math.Max(0, value), 100, active, 0), metric);
    }

    [Fact]
    public void Without_a_fallback_a_failure_is_an_error_each_time() =>
        Assert.Equal(new TriggerMetric(null, 100, false, 0), TriggerMetric.From(Lag, TriggerReading.Failed("away"), null, 99, 3));

    [Theory]
    [InlineData(0, null, false)]
    [InlineData(2, null, false)]
    // More than three failures, not three.
    [InlineData(3, 600L, true)]
    [InlineData(9, 600L, true)]
    public void Past_the_threshold_the_fallback_stands_in_and_counts_as_active(int failures, long? value, bool active) => Assert.Equal(
        new TriggerMetric(value, 100, active, failures + 1),
        TriggerMetric.From(Lag, TriggerReading.Failed("away"), new Fallback(3, 6, FallbackBehavior.Static), failures, 2));

    [Theory]
    [InlineData("Static", 2, 6)]
    [InlineData("Static", 8, 6)]
    [InlineData("CurrentReplicas", 2, 2)]
    [InlineData("CurrentReplicasIfHigher", 2, 6)]
    [InlineData("CurrentReplicasIfHigher", 8, 8)]
    [InlineData("CurrentReplicasIfLower", 2, 2)]
    [InlineData("CurrentReplicasIfLower", 8, 6)]
    public void The_fallback_weighs_the_present_number(string behavior, int current, int replicas) =>
        Assert.Equal(replicas, new Fallback(3, 6, Enum.Parse<FallbackBehavior>(behavior)).For(current));

    [Theory]
    [InlineData("g", 7L, 7)]
    [InlineData("g", 0L, 0)]
    [InlineData("g", null, LagRule.Unknown)]
    // For a group that does not exist the lag is the length of the stream.
    [InlineData("other", 7L, 42)]
    public async Task The_lag_is_the_groups_or_else_the_streams_length(string group, long? lag, long expected) =>
        Assert.Equal(expected, await LagRule.LagAsync([KeyValuePair.Create(group, lag)], "g", () => Task.FromResult(42L)));

    [Fact]
    public async Task A_stream_that_does_not_exist_has_no_lag() =>
        Assert.Equal(0, await LagRule.LagAsync(null, "g", () => throw new InvalidOperationException()));
}
