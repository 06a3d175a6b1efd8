namespace EmailIngestion.Local.Autoscaling;

/// <summary>One redis-streams trigger, after KEDA's rules on which count wins, or one metrics-api trigger.</summary>
internal sealed record Trigger
{
    /// <summary>The name in the ScaledObject, else the kind.</summary>
    public required string Name { get; init; }

    public required TriggerKind Kind { get; init; }

    /// <summary>The stream; empty for <see cref="TriggerKind.Api"/>.</summary>
    public string Stream { get; init; } = "";

    /// <summary>The consumer group; null for <see cref="TriggerKind.Length"/> and <see cref="TriggerKind.Api"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Where the value is; null for the other kinds than <see cref="TriggerKind.Api"/>.</summary>
    public ApiAddress? Api { get; init; }

    /// <summary>The value per replica.</summary>
    public required long Target { get; init; }

    /// <summary>The trigger is active above this value. Default 0.</summary>
    public long Activation { get; init; }

    /// <summary>The number of Redis's database; null for that of the connection.</summary>
    public int? Database { get; init; }

    /// <summary>Whether the HPA gets the value of the last poll instead of a new one.</summary>
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

    /// <summary>HTTP: a number in a JSON answer.</summary>
    Api,
}
