namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record ReplayedAnswer
{
    public string Id { get; set; } = "";

    public string EntryId { get; set; } = "";
}
