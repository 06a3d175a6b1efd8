using System.Reflection;

namespace EmailIngestion.Bench;

/// <summary>The result of a run. The property names, in snake case, are the names in the JSON.</summary>
internal sealed record BenchReport
{
    /// <summary>The version of the product, with its commit where it was built from a repository.</summary>
    public string Version { get; init; } = "";

    public required DateTimeOffset At { get; init; }

    public required string Processor { get; init; }

    public required int Processors { get; init; }

    /// <summary>The version of .NET.</summary>
    public required string Runtime { get; init; }

    public required int Rounds { get; init; }

    public required bool Quick { get; init; }

    public required IReadOnlyList<BenchRow> Rows { get; init; }

    public static BenchReport Of(BenchOptions options, IReadOnlyList<BenchRow> rows) => new()
    {
        Version = typeof(BenchReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        At = TimeProvider.System.GetUtcNow(),
        Processor = Machine.Processor,
        Processors = Environment.ProcessorCount,
        Runtime = Environment.Version.ToString(),
        Rounds = options.Rounds,
        Quick = options.Quick,
        Rows = rows,
    };
}
