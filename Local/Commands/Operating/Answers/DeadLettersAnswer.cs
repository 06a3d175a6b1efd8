namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record DeadLettersAnswer
{
    public IReadOnlyList<DeadLetterAnswer> DeadLetters { get; set; } = [];

    public string? After { get; set; }
}
