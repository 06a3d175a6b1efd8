namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record SettingAnswer
{
    public string Name { get; set; } = "";

    public string? Value { get; set; }

    public bool IsDefault { get; set; }
}
