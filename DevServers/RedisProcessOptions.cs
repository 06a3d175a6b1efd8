namespace EmailIngestion.DevServers;

internal sealed record RedisProcessOptions
{
    /// <summary>Where the append-only file lives; null for a new temporary folder that is removed on dispose.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>The path of a Unix domain socket to listen on, only for this user and instead of the port; null for the port.</summary>
    public string? Socket { get; init; }

    /// <summary>
    /// The password that clients need; null for none. Redis reads it from a file in the data folder: every user of the machine sees a
    /// command line.
    /// </summary>
    public string? Password { get; init; }

    /// <summary>Keeps an append-only file, synced every second.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>The memory limit in bytes; null for none.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>More arguments of redis-server, for example <c>["--cluster-enabled", "yes"]</c>; they win.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
