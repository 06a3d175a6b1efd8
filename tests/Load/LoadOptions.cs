namespace EmailIngestion.Load;

/// <summary>What to run.</summary>
internal sealed record LoadOptions
{
    public int Emails { get; init; } = 10_000;

    /// <summary>Consumer processes.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Bytes of one raw message, its headers included.</summary>
    public int PayloadBytes { get; init; } = 4_096;

    /// <summary>Null: the product's default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Null: the product's default.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How long the processor takes for each email.</summary>
    public int ProcessorDelayMs { get; init; }

    /// <summary>An existing server; null: one of our own.</summary>
    public string? Redis { get; init; }

    /// <summary>Through a mail server and the poller instead of appending directly.</summary>
    public bool Imap { get; init; }
}
