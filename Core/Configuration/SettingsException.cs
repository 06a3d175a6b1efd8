namespace EmailIngestion.Configuration;

/// <summary>A setting is wrong. The message is one line that names it. The process does not start.</summary>
public sealed class SettingsException(string message) : Exception(message);
