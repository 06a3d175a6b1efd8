namespace EmailIngestion.Configuration;

/// <summary>
/// The process cannot start, and no setting is the cause: a port is in use, a folder cannot be written. The message is one line that names
/// the cause and says what to do.
/// </summary>
public sealed class StartException(string message) : Exception(message);
