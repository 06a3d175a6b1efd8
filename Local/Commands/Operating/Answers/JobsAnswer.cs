namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record JobsAnswer
{
    public IReadOnlyList<JobAnswer> Jobs { get; set; } = [];

    public string? After { get; set; }
}
