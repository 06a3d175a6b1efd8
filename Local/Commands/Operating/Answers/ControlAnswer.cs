namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record ControlAnswer
{
    public IReadOnlyList<PauseAnswer> Paused { get; set; } = [];

    public IReadOnlyList<ConcurrencyAnswer> Concurrency { get; set; } = [];
}
