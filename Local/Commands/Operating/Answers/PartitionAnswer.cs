namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record PartitionAnswer
{
    public string Partition { get; set; } = "";

    public long Depth { get; set; }

    public long Lag { get; set; }

    public long Pending { get; set; }

    public double? OldestAgeSeconds { get; set; }

    public long DlqDepth { get; set; }

    public string? Problem { get; set; }

    public long MemoryUsedBytes { get; set; }

    public long MemoryMaxBytes { get; set; }

    public PauseAnswer? Paused { get; set; }

    public int? Concurrency { get; set; }

    public RatesAnswer? Rates { get; set; }

    public LatencyAnswer? Latency { get; set; }

    public IReadOnlyList<ConsumerAnswer> Consumers { get; set; } = [];

    public IReadOnlyList<MailboxAnswer> Mailboxes { get; set; } = [];

    public IReadOnlyList<InFlightAnswer> InFlight { get; set; } = [];

    public IReadOnlyList<MinuteAnswer?> History { get; set; } = [];

    public IReadOnlyList<string> Warnings { get; set; } = [];

    public IReadOnlyList<AdviceAnswer> Advice { get; set; } = [];
}
