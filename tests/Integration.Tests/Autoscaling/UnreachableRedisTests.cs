using EmailIngestion.Local.Autoscaling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>KEDA connects before it counts failures, so an unreachable Redis never reaches the fallback.</summary>
public sealed class UnreachableRedisTests
{
    private static readonly TriggerReading Away = TriggerReading.Unreachable("away");
    private static readonly TriggerReading Refused = TriggerReading.Failed("NOPERM");

    private readonly FakeTimeProvider _time = new(Hpa.Start);
    private TriggerReading _pending = TriggerReading.Of(0);
    private TriggerReading _lag = TriggerReading.Of(0);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_Redis_that_is_away_never_reaches_the_fallback(bool wasThere)
    {
        var autoscaler = Start(threshold: 3);
        if (wasThere)
            await autoscaler.PollAsync(CancellationToken.None);
        _pending = _lag = Away;
        for (var i = 0; i < 50; i++)
        {
            await PassesAsync(autoscaler);
            Assert.Equal(0, autoscaler.Wanted);
            Assert.All(autoscaler.State(0, 0).Triggers, trigger => Assert.False(trigger.IsActive));
        }

        Assert.Equal("KEDA cannot connect to Redis", autoscaler.State(0, 0).Why);
        _pending = _lag = TriggerReading.Of(1);
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    [Fact]
    public async Task A_Redis_that_refuses_a_command_reaches_the_fallback_and_leaves_0()
    {
        var autoscaler = Start(threshold: 3);
        _pending = Refused;
        for (var i = 0; i < 3; i++)
        {
            await autoscaler.PollAsync(CancellationToken.None);
            Assert.Equal(0, autoscaler.Wanted);
        }

        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    [Fact]
    public async Task Running_replicas_stay_while_Redis_is_away()
    {
        var autoscaler = Start(threshold: 3);
        _lag = TriggerReading.Of(500);
        await PassesAsync(autoscaler);
        Assert.Equal(5, autoscaler.Wanted);
        _pending = _lag = Away;
        // Longer than the cooldown, which does not run while the passes do nothing.
        for (var i = 0; i < 100; i++)
        {
            await PassesAsync(autoscaler);
            Assert.Equal(5, autoscaler.Wanted);
        }

        _pending = _lag = TriggerReading.Of(0);
        await PassesAsync(autoscaler);
        Assert.Equal(0, autoscaler.Wanted);
    }

    [Fact]
    public async Task Failures_before_an_outage_count_on_after_it_until_one_is_read()
    {
        var autoscaler = Start(threshold: 3);
        _pending = Refused;
        await autoscaler.PollAsync(CancellationToken.None);
        await autoscaler.PollAsync(CancellationToken.None);
        (_pending, _lag) = (Away, Away);
        for (var i = 0; i < 10; i++)
            await autoscaler.PollAsync(CancellationToken.None);
        (_pending, _lag) = (Refused, TriggerReading.Of(0));
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(0, autoscaler.Wanted);
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    // The first failure is already past the threshold, so KEDA keeps its scalers.
    [Fact]
    public async Task A_threshold_of_0_brings_the_fallback_if_Redis_was_reached_before()
    {
        var autoscaler = Start(threshold: 0);
        await autoscaler.PollAsync(CancellationToken.None);
        _pending = _lag = Away;
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    [Fact]
    public void The_HPA_counts_the_first_trigger_that_it_asks_for_and_no_other()
    {
        var scalers = new ScalerCache(Spec(threshold: 3));
        Assert.Equal([0, 0], scalers.Ask([TriggerReading.Of(1), TriggerReading.Of(1)], 1).Select(metric => metric.Failures));
        for (var i = 0; i < 10; i++)
            Assert.Equal([(1, null), (0, (long?)null)], scalers.Ask([Away, Away], 1).Select(metric => (metric.Failures, metric.Value)));
        Assert.Null(scalers.Poll([Away, Away], 1));
        Assert.Equal([0, 0], scalers.Ask([TriggerReading.Of(1), TriggerReading.Of(1)], 1).Select(metric => metric.Failures));
    }

    private Autoscaler Start(int threshold) =>
        new(Spec(threshold), (trigger, _) => Task.FromResult(trigger.Kind == TriggerKind.Pending ? _pending : _lag), _time);

    private static ScaledObject Spec(int threshold) => new()
    {
        Name = "test",
        MaxReplicas = 8,
        CooldownPeriod = TimeSpan.FromSeconds(60),
        Behavior = Hpa.Behavior(),
        Fallback = new Fallback(threshold, 4, FallbackBehavior.CurrentReplicasIfHigher),
        Triggers =
        [
            new Trigger { Name = "pending", Kind = TriggerKind.Pending, Stream = "s", Group = "g", Target = 100 },
            new Trigger { Name = "lag", Kind = TriggerKind.Lag, Stream = "s", Group = "g", Target = 100 },
        ],
    };

    private async Task PassesAsync(Autoscaler autoscaler)
    {
        await autoscaler.PollAsync(CancellationToken.None);
        await autoscaler.SyncAsync(autoscaler.Wanted, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(30));
    }
}
