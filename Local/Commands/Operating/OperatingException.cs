namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Ends a command with one line and an exit code.</summary>
/// <param name="exit">One of <see cref="OperatingExit"/>.</param>
/// <param name="message">What is wrong and what to do. It contains no key.</param>
internal sealed class OperatingException(int exit, string message) : Exception(message)
{
    public int Exit => exit;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsPassing => exit == OperatingExit.Unavailable;
}
