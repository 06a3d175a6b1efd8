using EmailIngestion.Local.Autoscaling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>With slow readings, the pass at an exact multiple of a period sees that the period is over, not the next one.</summary>
public sealed class AutoscalerClockTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Sync = TimeSpan.FromSeconds(15);

    // Each reading is shorter than the one before, then the longest again: a decision comes early in its period as often as late.
    private static readonly int[] Milliseconds = [9, 7, 4, 2, 1];

    private readonly FakeTimeProvider _time = new(Hpa.Start.AddMilliseconds(250));
    private long _lag;
    private int _reads;

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(7)]
    public async Task A_policys_period_of_two_passes_is_over_at_the_second(double speed)
    {
        var rules = Hpa.Rules(0, PolicySelect.Max, Hpa.Pods(1, 30));
        _lag = 800;
        var changes = await ChangesAsync(Spec(least: 1, Hpa.Behavior(rules, rules)), speed, passes: 60, _ => { });
        Assert.All(changes.Skip(1).Zip(changes.Skip(2)).Take(6), pair => Assert.InRange(pair.Second.At - pair.First.At, 30, 31));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task A_window_of_20_passes_is_over_at_the_twentieth(double speed)
    {
        _lag = 800;
        // The pass at 90 s is the last that asks for eight replicas.
        var changes = await ChangesAsync(Spec(least: 1, Hpa.Behavior()), speed, passes: 90, seconds => _lag = seconds < 100 ? 800 : 0);
        Assert.Equal(1, changes[^1].Replicas);
        Assert.InRange(changes[^1].At, 390, 395);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task A_cooldown_of_30_polls_is_over_at_the_thirtieth(double speed)
    {
        // The poll at 40 s is the last active one.
        var changes = await ChangesAsync(Spec(least: 0, Hpa.Behavior()), speed, passes: 120, seconds => _lag = seconds < 45 ? 1 : 0);
        Assert.Equal([1, 0], changes.Select(change => change.Replicas));
        Assert.InRange(changes[^1].At, 340, 345);
    }

    // In seconds of the ScaledObject, at any speed.
    private async Task<List<(double At, int Replicas)>> ChangesAsync(ScaledObject spec, double speed, int passes, Action<double> before)
    {
        var autoscaler = new Autoscaler(spec.Faster(speed), ReadAsync, _time);
        var clock = new AutoscalerClock(autoscaler, Poll / speed, Sync / speed, _time);
        var start = _time.GetUtcNow();
        var changes = new List<(double, int)>();
        for (var i = 0; i < passes; i++)
        {
            before(Seconds());
            var wanted = autoscaler.Wanted;
            var wait = await clock.PassAsync(() => wanted, CancellationToken.None);
            if (autoscaler.Wanted != wanted)
                changes.Add((Seconds(), autoscaler.Wanted));
            if (wait > TimeSpan.Zero)
                _time.Advance(wait);
        }

        return changes;

        double Seconds() => (_time.GetUtcNow() - start).TotalSeconds * speed;

        Task<TriggerReading> ReadAsync(Trigger trigger, CancellationToken cancellationToken)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Milliseconds[_reads++ % Milliseconds.Length]) / speed);
            return Task.FromResult(TriggerReading.Of(_lag));
        }
    }

    private static ScaledObject Spec(int least, ScalingBehavior behavior) => new()
    {
        Name = "test",
        MinReplicas = least,
        MaxReplicas = 8,
        PollingInterval = Poll,
        Behavior = behavior,
        Triggers = [new Trigger { Name = "lag", Kind = TriggerKind.Lag, Stream = "s", Group = "g", Target = 100 }],
    };
}
