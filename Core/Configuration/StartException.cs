namespace EmailIngestion.Configuration;

/// <summary>
/// The process cannot start for a reason that is no setting's: a port in use, a folder that cannot be written. One line that names it and
/// says what to do.
/// </summary>
public sealed class StartException(string message) : Exception(message);
