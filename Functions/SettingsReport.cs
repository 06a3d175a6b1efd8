using EmailIngestion.Operations.Status;

namespace EmailIngestion.Functions;

/// <param name="Settings">All settings, ordered by name.</param>
internal sealed record SettingsReport(IReadOnlyList<SettingReport> Settings);
