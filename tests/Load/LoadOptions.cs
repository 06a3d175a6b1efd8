namespace EmailIngestion.Load;

/// <summary>The options of a run.</summary>
internal sealed record LoadOptions
{
    public int Emails { get; init; } = 10_000;

    /// <summary>The number of consumer processes.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Bytes of one raw message, its headers included.</summary>
    public int PayloadBytes { get; init; } = 4_096;

    /// <summary>Null means the product's default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Null means the product's default.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How long the processor takes for each email.</summary>
    public int ProcessorDelayMs { get; init; }

    /// <summary>The address of an existing server; null when the run starts its own.</summary>
    public string? Redis { get; init; }

    /// <summary>
    /// True when the emails are large: each 101st has twenty times the bytes. The poller is a process of its own, bodies are in a folder,
    /// and the report has the memory of each process.
    /// </summary>
    public bool Large { get; init; }

    /// <summary>True when the emails come through a mail server and the poller instead of a direct append.</summary>
    public bool Imap { get; init; }
}
