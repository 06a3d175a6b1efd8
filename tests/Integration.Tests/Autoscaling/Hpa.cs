using EmailIngestion.Local.Autoscaling;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Drives an HPA in a test: takes metrics, moves the clock, and sets the replicas that it decides.</summary>
internal sealed class Hpa(ScaledObject spec, int replicas)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private HpaHistory? _history;

    public DateTimeOffset Now { get; private set; } = Start;

    public int Replicas { get; set; } = replicas;

    public string Why { get; private set; } = "";

    public static ScaledObject Spec(int least = 1, int most = 1_000, ScalingBehavior? behavior = null) => new()
    {
        Name = "test",
        MinReplicas = least,
        MaxReplicas = most,
        Behavior = behavior,
        Triggers = [],
    };

    public static ScalingBehavior Behavior(ScalingRules? up = null, ScalingRules? down = null) =>
        new(up ?? ScalingRules.DefaultUp, down ?? ScalingRules.DefaultDown);

    public static ScalingPolicy Pods(int value, int seconds) => new(false, value, TimeSpan.FromSeconds(seconds));

    public static ScalingPolicy Percent(int value, int seconds) => new(true, value, TimeSpan.FromSeconds(seconds));

    public static ScalingRules Rules(int window, PolicySelect select, params IReadOnlyList<ScalingPolicy> policies) =>
        new() { Window = TimeSpan.FromSeconds(window), Policies = policies, Select = select };

    /// <summary>Decides for metrics that ask for these numbers of replicas. Null is a metric that cannot be read.</summary>
    public int Decide(params IReadOnlyList<int?> asked)
    {
        // Far from every number of replicas, so that no tolerance applies.
        TriggerMetric[] metrics = [.. asked.Select(number => new TriggerMetric(number * 1_000L, 1_000, true, 0))];
        var decision = HorizontalAutoscaler.Decide(spec, _history, Replicas, Replicas, metrics, Now);
        (_history, Replicas, Why) = (decision.History, decision.Replicas, decision.Why);
        return Replicas;
    }

    public Hpa After(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }
}
