namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record InFlightAnswer
{
    public string? Mailbox { get; set; }

    public uint? Uid { get; set; }

    public string? EntryId { get; set; }

    public string? Consumer { get; set; }

    public double? StartedAgoSeconds { get; set; }

    public int? DeliveryCount { get; set; }
}
