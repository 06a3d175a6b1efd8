namespace EmailIngestion.Local.Autoscaling;

/// <summary>The parts of a ScaledObject that decide the number of replicas, with KEDA's defaults.</summary>
internal sealed record ScaledObject
{
    public required string Name { get; init; }

    public int MinReplicas { get; init; }

    public int MaxReplicas { get; init; } = 100;

    /// <summary>The time between KEDA's polls, which decide between 0 and 1. Default 30 s.</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long all triggers must be inactive before the number goes to 0. Default 5 min.</summary>
    public TimeSpan CooldownPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The cooldown of a target that has never been active. Default 0.</summary>
    public TimeSpan InitialCooldownPeriod { get; init; }

    /// <summary>KEDA keeps the time of the last activity in whole seconds, because a Kubernetes timestamp has no fraction.</summary>
    public TimeSpan ActivityStep { get; init; } = TimeSpan.FromSeconds(1);

    public Fallback? Fallback { get; init; }

    /// <summary>The HPA's behaviour; null for none, and the older limits then apply.</summary>
    public ScalingBehavior? Behavior { get; init; }

    /// <summary>The window before the HPA scales down without a behaviour, which is a setting of the cluster.</summary>
    public TimeSpan DownscaleWindow { get; init; } = ScalingRules.DefaultDown.Window;

    public required IReadOnlyList<Trigger> Triggers { get; init; }

    /// <summary>Notes on fields that are allowed but have no effect.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The HPA's minimum. Only KEDA goes to 0.</summary>
    public int HpaMinReplicas => Math.Max(1, MinReplicas);

    /// <summary>A copy in which every time is shorter.</summary>
    public ScaledObject Faster(double times) => this with
    {
        PollingInterval = PollingInterval / times,
        CooldownPeriod = CooldownPeriod / times,
        InitialCooldownPeriod = InitialCooldownPeriod / times,
        ActivityStep = ActivityStep / times,
        DownscaleWindow = DownscaleWindow / times,
        Behavior = Behavior is { } behavior ? new ScalingBehavior(Faster(behavior.Up, times), Faster(behavior.Down, times)) : null,
    };

    private static ScalingRules Faster(ScalingRules rules, double times) => rules with
    {
        Window = rules.Window / times,
        Policies = [.. rules.Policies.Select(policy => policy with { Period = policy.Period / times })],
    };
}
