namespace EmailIngestion.Local.Autoscaling;

/// <summary>One redis-streams trigger, as KEDA understands it once its rules about which count wins are applied.</summary>
internal sealed record Trigger
{
    /// <summary>As the ScaledObject names it, else what it reads.</summary>
    public required string Name { get; init; }

    public required TriggerKind Kind { get; init; }

    public required string Stream { get; init; }

    /// <summary>Null only for <see cref="TriggerKind.Length"/>.</summary>
    public string? Group { get; init; }

    /// <summary>The value that one replica should carry.</summary>
    public required long Target { get; init; }

    /// <summary>Active above it. Default 0.</summary>
    public long Activation { get; init; }

    /// <summary>Redis's database; null: the connection's.</summary>
    public int? Database { get; init; }

    /// <summary>The HPA is answered with the last poll's value instead of a new one.</summary>
    public bool UseCachedMetrics { get; init; }
}

internal enum TriggerKind
{
    /// <summary>XPENDING: deliveries that are not settled.</summary>
    Pending,

    /// <summary>XINFO GROUPS: entries that the group has not read.</summary>
    Lag,

    /// <summary>XLEN: entries in the stream, settled ones included.</summary>
    Length,
}
