namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record PercentilesAnswer
{
    public double? P50 { get; set; }

    public double? P95 { get; set; }

    public double? P99 { get; set; }
}
