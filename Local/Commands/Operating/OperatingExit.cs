namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The exit codes of the operating commands. They are a contract (docs/operating.md).</summary>
internal static class OperatingExit
{
    public const int Done = 0;

    /// <summary>The server failed, or answered something that this command does not understand.</summary>
    public const int Error = 1;

    /// <summary>A flag or a value is wrong, or a confirmation is missing.</summary>
    public const int Usage = 2;

    /// <summary>There is no such dead letter, job or mailbox.</summary>
    public const int NotFound = 3;

    /// <summary>The server refused because of the present state, or the person did not confirm.</summary>
    public const int Refused = 4;

    /// <summary>A job failed, was cancelled, or left something undone.</summary>
    public const int Unfinished = 5;

    /// <summary>The key is missing, wrong or not sufficient.</summary>
    public const int NoAccess = 6;

    /// <summary>Nobody answers, or the server asks to try again later.</summary>
    public const int Unavailable = 7;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM.</summary>
    public const int Terminated = 143;
}
