using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>A fetched email.</summary>
/// <param name="Envelope">The server's data about the email.</param>
/// <param name="Raw">The message. After a failure: its header, or empty.</param>
/// <param name="Failure">Why the message is not whole; null when it is whole.</param>
internal sealed record FetchedEmail(EmailEnvelope Envelope, ReadOnlyMemory<byte> Raw, FailureRecord? Failure = null)
{
    /// <summary>The SHA-256 of the message; null: it is not known yet.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>The body in the store. <see cref="Raw"/> is only its beginning then. Null: Raw is the message.</summary>
    public StreamedBody? Streamed { get; init; }
}
