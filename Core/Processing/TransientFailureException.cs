namespace EmailIngestion.Processing;

/// <summary>
/// A processor throws it when its dependency fails for the moment. The email is retried shortly, and not before <see cref="RetryAfter"/>.
/// </summary>
public sealed class TransientFailureException : Exception
{
    public TransientFailureException(string message, TimeSpan? retryAfter = null)
        : base(message) => RetryAfter = retryAfter;

    public TransientFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How long the dependency asks to wait; null if it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>
    /// Whether the dependency rejects every email (a wrong address, an unknown secret). The email is not the cause, so its deliveries are
    /// not counted for a day. Default false.
    /// </summary>
    public bool RefusesAll { get; init; }
}
