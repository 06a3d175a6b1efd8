namespace EmailIngestion.Bodies;

/// <summary>A body could not be written, read or deleted. It is the only exception of a store, beside a cancellation.</summary>
internal sealed class BodyStoreException(BodyFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public BodyFailure Failure => failure;

    /// <summary>How long the store asks to wait; null if it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
