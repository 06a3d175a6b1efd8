namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record AuditAnswer
{
    public IReadOnlyList<AuditEntryAnswer> Entries { get; set; } = [];

    public string? After { get; set; }
}
