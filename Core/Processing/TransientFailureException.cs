namespace EmailIngestion.Processing;

/// <summary>A dependency of the processor cannot do it now. Tried again shortly, and not before <see cref="RetryAfter"/>.</summary>
public sealed class TransientFailureException : Exception
{
    public TransientFailureException(string message, TimeSpan? retryAfter = null)
        : base(message) => RetryAfter = retryAfter;

    public TransientFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How long the dependency asks to be left alone; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>
    /// Whether the dependency refuses whatever it is sent (a wrong address, a secret that it does not know). The email is not at fault, so its
    /// deliveries are not counted for a day. Default false.
    /// </summary>
    public bool RefusesAll { get; init; }
}
