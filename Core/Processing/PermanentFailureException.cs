namespace EmailIngestion.Processing;

/// <summary>This email will never be processed, however often it is tried: it goes to the dead letters at once.</summary>
public sealed class PermanentFailureException : Exception
{
    public PermanentFailureException(string message)
        : base(message)
    {
    }

    public PermanentFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
