namespace EmailIngestion.Consuming;

/// <summary>
/// A failure caused by the email: parsing it failed, or the attempt's time ended while it was parsed. The circuit does not count it, since
/// the processor's dependency is not involved.
/// </summary>
internal sealed class EmailFailureException : Exception
{
    /// <summary>Creates the failure of an email whose parser threw this exception.</summary>
    public EmailFailureException(Exception innerException)
        : base(innerException.Message, innerException)
    {
    }

    /// <summary>Creates the failure of an email that was still being parsed when the time was over.</summary>
    public EmailFailureException(string message)
        : base(message)
    {
    }

    /// <summary>The exception to classify and to record.</summary>
    public Exception Error => InnerException ?? this;
}
