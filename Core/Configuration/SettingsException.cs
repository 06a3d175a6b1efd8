namespace EmailIngestion.Configuration;

/// <summary>A setting is wrong: one line that names it. The start stops there.</summary>
public sealed class SettingsException(string message) : Exception(message);
