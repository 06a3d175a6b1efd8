namespace EmailIngestion.DevServers;

internal sealed record RedisProcessOptions
{
    /// <summary>The folder of the append-only file; null for a temporary folder, which dispose removes.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for a free port.</summary>
    public int Port { get; init; }

    /// <summary>The path of a Unix domain socket, which replaces the port and is open to this user only; null for the port.</summary>
    public string? Socket { get; init; }

    /// <summary>
    /// The password that clients need; null for none. Redis reads it from a file in the data folder, because every user of the
    /// machine can see a command line.
    /// </summary>
    public string? Password { get; init; }

    /// <summary>Whether Redis keeps an append-only file, synced every second.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>The memory limit in bytes; null for none.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>More arguments of redis-server, for example <c>["--cluster-enabled", "yes"]</c>. They override the others.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
