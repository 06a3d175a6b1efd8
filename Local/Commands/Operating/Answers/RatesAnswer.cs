namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record RatesAnswer
{
    public double? AppendsPerMinute { get; set; }

    public double? SettledPerMinute { get; set; }

    public double? DeadLettersPerMinute { get; set; }
}
