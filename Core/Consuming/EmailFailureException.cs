namespace EmailIngestion.Consuming;

/// <summary>
/// The email's own failure: it came while the email was parsed, or the attempt's time ran out there. It says nothing of the processor's
/// dependency, so the circuit does not count it.
/// </summary>
internal sealed class EmailFailureException : Exception
{
    /// <summary>The parser failed with this error.</summary>
    public EmailFailureException(Exception innerException)
        : base(innerException.Message, innerException)
    {
    }

    /// <summary>The time ran out while the email was parsed.</summary>
    public EmailFailureException(string message)
        : base(message)
    {
    }

    /// <summary>The error to judge and to record.</summary>
    public Exception Error => InnerException ?? this;
}
