namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record AdviceAnswer
{
    public string Text { get; set; } = "";

    public string? Action { get; set; }
}
