namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record StatusAnswer
{
    public DateTimeOffset At { get; set; }

    public string? Version { get; set; }

    public string? Process { get; set; }

    public IReadOnlyList<string> Roles { get; set; } = [];

    public bool Paused { get; set; }

    public string CircuitBreaker { get; set; } = "";

    public IReadOnlyDictionary<string, string>? CircuitBreakers { get; set; }

    public string? ProcessorError { get; set; }

    public IReadOnlyList<PartitionAnswer> Partitions { get; set; } = [];
}
