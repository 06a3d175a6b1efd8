namespace EmailIngestion.Bench;

/// <summary>What to measure, and how often.</summary>
internal sealed record BenchOptions
{
    /// <summary>The names of the benches; empty for all, or with <see cref="Quick"/> for the short ones.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>How often each side runs.</summary>
    public required int Rounds { get; init; }

    /// <summary>Whether smaller numbers of emails do.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether the output is JSON.</summary>
    public bool Json { get; init; }
}
