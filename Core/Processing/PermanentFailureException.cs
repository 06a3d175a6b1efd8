namespace EmailIngestion.Processing;

/// <summary>A processor throws it for an email that can never be processed. The email is dead-lettered at once.</summary>
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
