namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record ProblemAnswer
{
    public string? Title { get; set; }

    public string? Detail { get; set; }
}
