namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record GroupsAnswer
{
    public IReadOnlyList<GroupAnswer> Groups { get; set; } = [];

    public long Total { get; set; }

    public string? After { get; set; }
}
