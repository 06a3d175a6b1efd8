namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record DeadLetterAnswer
{
    public string Id { get; set; } = "";

    public string? EmailId { get; set; }

    public string? Mailbox { get; set; }

    public uint? UidValidity { get; set; }

    public uint? Uid { get; set; }

    public string? MessageId { get; set; }

    public string? From { get; set; }

    public string? Subject { get; set; }

    public string? Date { get; set; }

    public long? Size { get; set; }

    public string? Body { get; set; }

    public string? EntryId { get; set; }

    public string? Reason { get; set; }

    public string? ErrorType { get; set; }

    public string? ErrorMessage { get; set; }

    public string? StackTrace { get; set; }

    public string? Fingerprint { get; set; }

    public int? DeliveryCount { get; set; }

    public string? Consumer { get; set; }

    public string? FirstFailure { get; set; }

    public string? LastFailure { get; set; }

    public int? Replays { get; set; }
}
