namespace EmailIngestion.Load;

/// <summary>The run cannot be made or did not come to its end; the message is for the person who started it.</summary>
internal sealed class LoadException(string message, bool isUsage = false) : Exception(message)
{
    /// <summary>A flag is wrong, not the product.</summary>
    public bool IsUsage => isUsage;
}
