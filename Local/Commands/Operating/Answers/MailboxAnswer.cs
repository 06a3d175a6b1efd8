namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record MailboxAnswer
{
    public string Name { get; set; } = "";

    public string? State { get; set; }

    public string? StateText { get; set; }

    public long? Behind { get; set; }

    public DateTimeOffset? LastSuccess { get; set; }

    public string? Error { get; set; }

    public bool Parked { get; set; }
}
