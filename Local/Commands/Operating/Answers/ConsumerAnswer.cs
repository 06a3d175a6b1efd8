namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record ConsumerAnswer
{
    public string Name { get; set; } = "";

    public long Pending { get; set; }

    public double IdleSeconds { get; set; }

    public bool Paused { get; set; }

    public double? OldestInFlightSeconds { get; set; }
}
