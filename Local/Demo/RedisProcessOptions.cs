namespace EmailIngestion.Local.Demo;

internal sealed record RedisProcessOptions
{
    /// <summary>Where the append-only file lives; null for a new temporary folder that is removed on dispose.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>Keeps an append-only file, synced every second.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>The memory limit in bytes; null for none.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>More arguments of redis-server, for example <c>["--cluster-enabled", "yes"]</c>; they win.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
