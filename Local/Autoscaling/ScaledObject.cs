namespace EmailIngestion.Local.Autoscaling;

/// <summary>A ScaledObject, as far as it decides about numbers, with KEDA's defaults.</summary>
internal sealed record ScaledObject
{
    public required string Name { get; init; }

    public int MinReplicas { get; init; }

    public int MaxReplicas { get; init; } = 100;

    /// <summary>How often KEDA looks whether there is anything to do at all (0 ↔ 1).</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long all triggers must have been inactive before the last replicas go.</summary>
    public TimeSpan CooldownPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for a target that has never been active.</summary>
    public TimeSpan InitialCooldownPeriod { get; init; }

    /// <summary>KEDA keeps the time of the last activity in whole seconds, since a Kubernetes timestamp has no fraction.</summary>
    public TimeSpan ActivityStep { get; init; } = TimeSpan.FromSeconds(1);

    public Fallback? Fallback { get; init; }

    /// <summary>Null: none is given, and the HPA limits itself in its older way.</summary>
    public ScalingBehavior? Behavior { get; init; }

    /// <summary>How far back the HPA looks before it scales down without a behaviour; not the ScaledObject's, but the cluster's.</summary>
    public TimeSpan DownscaleWindow { get; init; } = ScalingRules.DefaultDown.Window;

    public required IReadOnlyList<Trigger> Triggers { get; init; }

    /// <summary>What is allowed and still not what its author may think.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The HPA never goes to 0; KEDA does.</summary>
    public int HpaMinReplicas => Math.Max(1, MinReplicas);

    /// <summary>The same with every time shorter, for those who watch.</summary>
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
