using System.Globalization;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads dead letters from Redis's replies.</summary>
internal static class DeadLetterReply
{
    /// <summary>Reads a dead letter. A field that is missing is empty, or null where it may be.</summary>
    public static DeadLetter Read(StreamEntry entry)
    {
        string Text(RedisValue name) => entry[name].IsNull ? "" : entry[name].ToString();
        uint? Number(RedisValue name) => uint.TryParse(Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;

        return new DeadLetter
        {
            Id = entry.Id.ToString(),
            EmailId = EmailId.TryRead((byte[]?)entry[EntryFields.Id], out var id) ? id.ToString() : "",
            Mailbox = Text(EntryFields.Mailbox),
            UidValidity = Number(EntryFields.UidValidity),
            Uid = Number(EntryFields.Uid),
            MessageId = Text(EntryFields.MessageId),
            From = Text(EntryFields.From),
            Subject = Text(EntryFields.Subject),
            Date = Text(EntryFields.Date),
            Size = long.TryParse(Text(EntryFields.Size), CultureInfo.InvariantCulture, out var size) ? size : null,
            // "apart": the message has a key of its own and is whole. "stored": the dead letter refers to its body.
            Body = Text(EntryFields.Body) is "apart" or "stored" ? "whole" : Text(EntryFields.Body),
            EntryId = Text(EntryFields.Entry),
            Reason = Text(EntryFields.Reason),
            ErrorType = Text(EntryFields.ErrorType),
            ErrorMessage = Text(EntryFields.ErrorMessage),
            StackTrace = Text(EntryFields.StackTrace) is { Length: > 0 } trace ? trace : null,
            Fingerprint = Text(EntryFields.Fingerprint),
            DeliveryCount = (int)(Number(EntryFields.Deliveries) ?? 0),
            Consumer = Text(EntryFields.ConsumerName),
            FirstFailure = Text(EntryFields.FirstFailure),
            LastFailure = Text(EntryFields.LastFailure),
            Replays = (int)(Number(EntryFields.Replays) ?? 0),
            TraceParent = entry[EntryFields.TraceParent].IsNull ? null : Text(EntryFields.TraceParent),
        };
    }
}
