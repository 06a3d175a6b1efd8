using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// One email to append to the stream. When <see cref="Failure"/> is set, the email becomes a dead letter with the parts of it that exist.
/// </summary>
/// <param name="Message">The email. <see cref="EmailMessage.Raw"/> of a failed one has its headers or nothing.</param>
/// <param name="Digest">Identifies its content in the next epoch, after the server has renumbered the folder. Empty: nothing does.</param>
/// <param name="Failure">Why it cannot be appended. Null when it can.</param>
/// <param name="Body">
/// Where the message is when it is not in the entry. In Redis the append writes it; in every other store it is already written. Null: in
/// the entry.
/// </param>
internal sealed record AppendItem(EmailMessage Message, byte[] Digest, FailureRecord? Failure = null, BodyReference? Body = null)
{
    /// <summary>
    /// The body that was written while its email was fetched. <see cref="EmailMessage.Raw"/> has only the beginning of the message then.
    /// Null: Raw has all of it.
    /// </summary>
    public StreamedBody? Streamed { get; init; }

    /// <summary>The SHA-256 of the message, if it is known.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>Which outcomes are noted for the poller. Null: none.</summary>
    public NoteRequest? Notes { get; init; }

    /// <summary>The bytes of the message that the append sends to Redis.</summary>
    public int SentBytes => Streamed is null && Body is null or { Store: BodyStoreKind.Redis } ? Message.Raw.Length : 0;
}
