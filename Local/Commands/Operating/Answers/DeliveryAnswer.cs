namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record DeliveryAnswer
{
    public string? EntryId { get; set; }

    public string? Consumer { get; set; }

    public string? Mailbox { get; set; }

    public uint? Uid { get; set; }

    public string? Subject { get; set; }

    public double? AgeSeconds { get; set; }

    public double? IdleSeconds { get; set; }

    public long? DeliveryCount { get; set; }
}
