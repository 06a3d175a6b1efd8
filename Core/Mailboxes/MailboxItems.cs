using System.Buffers.Binary;
using System.Security.Cryptography;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Converts fetched emails to items for the append. It runs outside the fetch thread, so that the fetch does not wait for it.
/// </summary>
/// <param name="options">The mailbox.</param>
/// <param name="cursor">The cursor at the start of the poll.</param>
/// <param name="polled">The time of the poll, for emails without a date.</param>
internal sealed class MailboxItems(MailboxOptions options, MailboxCursor cursor, DateTimeOffset polled)
{
    private const int DigestLength = 16;

    private readonly string _name = options.Name;

    // Null for a mailbox whose settings ask for nothing: its entries have no such field.
    private readonly NoteRequest? _notes = options.HasFollowUps
        ? new NoteRequest(
            cursor.Epoch,
            Completed: FollowUp.Of(options.AfterProcessing) != FollowUp.None,
            DeadLetters: FollowUp.Of(options.AfterDeadLetter) != FollowUp.None)
        : null;

    public AppendItem Of(FetchedEmail email)
    {
        var sha256 = email.Streamed?.Sha256 ?? email.Sha256 ?? (NeedsHash(email) ? SHA256.HashData(email.Raw.Span) : null);
        return new AppendItem(Message(email), Digest(email, sha256), email.Failure, email.Streamed?.Reference)
        {
            Streamed = email.Streamed,
            Sha256 = sha256,
            Notes = _notes,
        };
    }

    /// <summary>The identity of an email of this mailbox.</summary>
    public EmailId IdOf(uint uid) => IdOf(options, cursor, uid);

    /// <summary>The identity of an email of a mailbox.</summary>
    public static EmailId IdOf(MailboxOptions options, MailboxCursor cursor, uint uid) =>
        EmailId.Of(options.EffectiveAccount, options.EffectiveFolder, cursor.UidValidity, uid, cursor.Epoch);

    private EmailMessage Message(FetchedEmail email)
    {
        var (envelope, raw, _) = email;
        var id = IdOf(envelope.Uid);
        var headers = EmailHeaders.Read(raw);
        return new EmailMessage
        {
            Id = id,
            Mailbox = _name,
            UidValidity = cursor.UidValidity,
            Uid = envelope.Uid,
            MessageId = headers.MessageId,
            From = headers.From,
            Subject = headers.Subject,
            Date = envelope.Received ?? HeaderDate.Read(raw) ?? polled,
            Size = envelope.Size ?? email.Streamed?.Reference.Size ?? raw.Length,
            Raw = raw,
            Flags = envelope.Flags,
            Labels = envelope.Labels,
            GmailMessageId = envelope.GmailId,
            GmailThreadId = envelope.GmailThreadId,
            TraceParent = IngestionTracing.Append(id),
        };
    }

    // The digest identifies an email across a renumbering: Gmail's message ID, or a hash of the content.
    private static byte[] Digest(FetchedEmail email, byte[]? sha256)
    {
        if (email.Failure?.Reason == DeadLetterReasons.FetchFailed)
            return [];
        if (email.Envelope.GmailId is { } gmail)
        {
            var bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, gmail);
            return bytes;
        }

        return sha256 is null ? [] : sha256[..DigestLength];
    }

    // An email that could not be fetched has no digest, so that the whole email is appended if a later fetch succeeds.
    private static bool NeedsHash(FetchedEmail email) =>
        email.Envelope.GmailId is null && email.Failure?.Reason != DeadLetterReasons.FetchFailed && !email.Raw.IsEmpty;
}
