using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>One email as the server gave it.</summary>
/// <param name="Envelope">What the server says about it.</param>
/// <param name="Raw">The message; of a failed one, its header or nothing.</param>
/// <param name="Failure">Why it is not whole; null when it is.</param>
internal sealed record FetchedEmail(EmailEnvelope Envelope, ReadOnlyMemory<byte> Raw, FailureRecord? Failure = null);
