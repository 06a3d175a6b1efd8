namespace EmailIngestion.Operations.Status;

/// <summary>One setting in force.</summary>
/// <param name="Name">Its name as people write it.</param>
/// <param name="Value">Its value; <c>***</c> for a secret that is set, null for one without a value.</param>
/// <param name="IsDefault">Whether it has its default.</param>
/// <param name="IsSecret">Whether its value is never shown.</param>
public sealed record SettingReport(string Name, string? Value, bool IsDefault, bool IsSecret);
