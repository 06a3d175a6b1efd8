namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record MinuteAnswer
{
    public long? Depth { get; set; }
}
