namespace EmailIngestion.Local.Autoscaling;

/// <summary>The HPA's rules for one direction, with the defaults of Kubernetes for missing fields.</summary>
internal sealed record ScalingRules
{
    public const double DefaultTolerance = 0.1;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>Scales up at once, by 4 replicas or 100 % in 15 seconds, whichever is more.</summary>
    public static ScalingRules DefaultUp { get; } = new()
    {
        Window = TimeSpan.Zero,
        Policies = [new ScalingPolicy(false, 4, Period), new ScalingPolicy(true, 100, Period)],
    };

    /// <summary>Scales down by any number, to the highest recommendation of the last 5 minutes.</summary>
    public static ScalingRules DefaultDown { get; } = new()
    {
        Window = TimeSpan.FromMinutes(5),
        Policies = [new ScalingPolicy(true, 100, Period)],
    };

    /// <summary>stabilizationWindowSeconds: how old a recommendation may be and still count.</summary>
    public required TimeSpan Window { get; init; }

    public required IReadOnlyList<ScalingPolicy> Policies { get; init; }

    public PolicySelect Select { get; init; } = PolicySelect.Max;

    /// <summary>The tolerated deviation of a metric, as a fraction of the target. Default 0.1.</summary>
    public double Tolerance { get; init; } = DefaultTolerance;
}

/// <summary>Selects one of several policies.</summary>
internal enum PolicySelect
{
    /// <summary>The one that allows the largest change.</summary>
    Max,

    /// <summary>The one that allows the smallest change.</summary>
    Min,

    /// <summary>None: this direction is off.</summary>
    Disabled,
}
