namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record GroupAnswer
{
    public string Fingerprint { get; set; } = "";

    public long Count { get; set; }

    public DateTimeOffset? Last { get; set; }

    public string? Reason { get; set; }

    public string? ErrorType { get; set; }

    public string? Error { get; set; }

    public IReadOnlyList<MailboxCountAnswer> Mailboxes { get; set; } = [];
}
