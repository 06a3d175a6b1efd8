namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record MailboxCountAnswer
{
    public string? Name { get; set; }

    public long Count { get; set; }
}
