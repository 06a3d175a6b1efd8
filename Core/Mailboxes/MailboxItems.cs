using System.Buffers.Binary;
using System.Security.Cryptography;
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

    public AppendItem Of(FetchedEmail email) => new(Message(email), Digest(email), email.Failure);

    private EmailMessage Message(FetchedEmail email)
    {
        var (envelope, raw, _) = email;
        var id = EmailId.Of(options.EffectiveAccount, options.EffectiveFolder, cursor.UidValidity, envelope.Uid, cursor.Epoch);
        var headers = EmailHeaders.Read(raw);
        return new EmailMessage
        {
            Id = id,
            Mailbox = options.Name,
            UidValidity = cursor.UidValidity,
            Uid = envelope.Uid,
            MessageId = headers.MessageId,
            From = headers.From,
            Subject = headers.Subject,
            Date = envelope.Received ?? HeaderDate.Read(raw) ?? polled,
            Size = envelope.Size ?? raw.Length,
            Raw = raw,
            Flags = envelope.Flags,
            Labels = envelope.Labels,
            GmailMessageId = envelope.GmailId,
            GmailThreadId = envelope.GmailThreadId,
            TraceParent = IngestionTracing.Append(id),
        };
    }

    // The digest identifies an email across a renumbering: Gmail's message ID, or a hash of the content.
    private static byte[] Digest(FetchedEmail email)
    {
        // Without a digest, so that the whole email is appended if a later fetch succeeds.
        if (email.Failure?.Reason == DeadLetterReasons.FetchFailed)
            return [];
        if (email.Envelope.GmailId is { } gmail)
        {
            var bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, gmail);
            return bytes;
        }

        return email.Raw.IsEmpty ? [] : SHA256.HashData(email.Raw.Span)[..DigestLength];
    }
}
