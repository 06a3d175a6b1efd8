namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record ConcurrencyAnswer
{
    public string Partition { get; set; } = "";

    public int? Value { get; set; }

    public DateTimeOffset? Since { get; set; }

    public string? Who { get; set; }
}
