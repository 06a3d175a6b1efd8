namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record PauseAnswer
{
    public string? Scope { get; set; }

    public string? Name { get; set; }

    public DateTimeOffset? Since { get; set; }

    public string? Who { get; set; }

    public string? Reason { get; set; }
}
