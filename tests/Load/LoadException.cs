namespace EmailIngestion.Load;

/// <summary>The run could not start or did not finish. The message is for the person who started it.</summary>
internal sealed class LoadException(string message, bool isUsage = false) : Exception(message)
{
    /// <summary>True when a flag is wrong.</summary>
    public bool IsUsage => isUsage;
}
