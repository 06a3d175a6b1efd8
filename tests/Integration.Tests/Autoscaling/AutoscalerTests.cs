using EmailIngestion.Local.Autoscaling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Both passes together, with values and a clock of the test.</summary>
public sealed class AutoscalerTests
{
    private readonly FakeTimeProvider _time = new(Hpa.Start);
    private readonly Dictionary<string, TriggerReading> _readings =
        new() { ["pending"] = TriggerReading.Of(0), ["lag"] = TriggerReading.Of(0) };
    private int _asked;

    [Fact]
    public async Task One_email_starts_one_and_a_backlog_the_rest_at_the_HPAs_pace()
    {
        var autoscaler = Start();
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(0, autoscaler.Wanted);

        _readings["lag"] = TriggerReading.Of(1);
        await autoscaler.SyncAsync(0, CancellationToken.None);
        Assert.Equal(0, autoscaler.Wanted);
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);

        _readings["lag"] = TriggerReading.Of(1_000);
        await autoscaler.SyncAsync(1, CancellationToken.None);
        Assert.Equal(5, autoscaler.Wanted);
        _time.Advance(TimeSpan.FromSeconds(15));
        await autoscaler.SyncAsync(5, CancellationToken.None);
        Assert.Equal(8, autoscaler.Wanted);
        Assert.Equal([0, 10], autoscaler.State(5, 0).Triggers.Select(trigger => trigger.Desired));
    }

    [Fact]
    public async Task The_HPA_reads_no_metric_at_0_replicas()
    {
        var autoscaler = Start();
        await autoscaler.SyncAsync(0, CancellationToken.None);
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task While_anything_is_pending_the_last_one_stays_and_then_for_the_cooldown()
    {
        var autoscaler = Start();
        _readings["lag"] = TriggerReading.Of(1);
        await autoscaler.PollAsync(CancellationToken.None);
        (_readings["lag"], _readings["pending"]) = (TriggerReading.Of(0), TriggerReading.Of(1));
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await autoscaler.PollAsync(CancellationToken.None);
            await autoscaler.SyncAsync(1, CancellationToken.None);
            Assert.Equal(1, autoscaler.Wanted);
        }

        _readings["pending"] = TriggerReading.Of(0);
        _time.Advance(TimeSpan.FromSeconds(60));
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(0, autoscaler.Wanted);
    }

    [Fact]
    public async Task Failures_of_both_passes_count_towards_the_fallback()
    {
        var autoscaler = Start(spec => spec with { Fallback = new Fallback(3, 4, FallbackBehavior.CurrentReplicasIfHigher) });
        _readings["lag"] = TriggerReading.Of(1);
        await autoscaler.PollAsync(CancellationToken.None);
        _readings["lag"] = _readings["pending"] = TriggerReading.Failed("away");
        await autoscaler.PollAsync(CancellationToken.None);
        await autoscaler.SyncAsync(1, CancellationToken.None);
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
        await autoscaler.SyncAsync(1, CancellationToken.None);
        Assert.Equal(4, autoscaler.Wanted);
    }

    [Fact]
    public async Task A_trigger_with_cached_metrics_answers_the_HPA_with_the_last_poll()
    {
        var autoscaler = Start(
            spec => spec with { Triggers = [.. spec.Triggers.Select(trigger => trigger with { UseCachedMetrics = true })] });
        _readings["lag"] = TriggerReading.Of(1);
        await autoscaler.PollAsync(CancellationToken.None);
        _readings["lag"] = TriggerReading.Of(1_000);
        await autoscaler.SyncAsync(1, CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
        await autoscaler.PollAsync(CancellationToken.None);
        await autoscaler.SyncAsync(1, CancellationToken.None);
        Assert.Equal(5, autoscaler.Wanted);
    }

    private Autoscaler Start(Func<ScaledObject, ScaledObject>? change = null)
    {
        var spec = new ScaledObject
        {
            Name = "test",
            MaxReplicas = 8,
            CooldownPeriod = TimeSpan.FromSeconds(60),
            Behavior = Hpa.Behavior(),
            Triggers =
            [
                new Trigger { Name = "pending", Kind = TriggerKind.Pending, Stream = "s", Group = "g", Target = 100 },
                new Trigger { Name = "lag", Kind = TriggerKind.Lag, Stream = "s", Group = "g", Target = 100 },
            ],
        };
        return new Autoscaler(change?.Invoke(spec) ?? spec, Read, _time);
    }

    private Task<TriggerReading> Read(Trigger trigger, CancellationToken cancellationToken)
    {
        _asked++;
        return Task.FromResult(_readings[trigger.Name]);
    }
}
