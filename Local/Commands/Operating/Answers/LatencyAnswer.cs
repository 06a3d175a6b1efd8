namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record LatencyAnswer
{
    public PercentilesAnswer? QueueWait { get; set; }

    public PercentilesAnswer? Processing { get; set; }

    public int? Processes { get; set; }
}
