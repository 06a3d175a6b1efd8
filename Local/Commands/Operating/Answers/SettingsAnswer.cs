namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record SettingsAnswer
{
    public IReadOnlyList<SettingAnswer> Settings { get; set; } = [];
}
