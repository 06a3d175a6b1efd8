namespace EmailIngestion.Operations.Status;

/// <summary>The settings of one section.</summary>
/// <param name="Name">The section, such as <c>Consumer</c> or <c>Mailboxes:0</c>.</param>
/// <param name="Options">The settings in force.</param>
internal sealed record SettingsSection(string Name, object Options)
{
    /// <summary>
    /// The only property that is a setting, whose name is <see cref="Name"/>. Null: all properties are settings of the section.
    /// </summary>
    public string? Property { get; init; }
}
