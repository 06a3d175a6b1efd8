using System.Text;
using EmailIngestion.Bodies;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The names of the fields of entries and dead letters. They are a wire format: a changed meaning needs a new version.</summary>
internal static class EntryFields
{
    public const int Version = 1;

    public static readonly RedisValue VersionName = Name("version");
    public static readonly RedisValue Id = Name("id");
    public static readonly RedisValue Mailbox = Name("mailbox");
    public static readonly RedisValue UidValidity = Name("uidvalidity");
    public static readonly RedisValue Uid = Name("uid");
    public static readonly RedisValue MessageId = Name("message-id");
    public static readonly RedisValue From = Name("from");
    public static readonly RedisValue Subject = Name("subject");
    public static readonly RedisValue Date = Name("date");
    public static readonly RedisValue Size = Name("size");

    // Optional: an entry has them only when they have a value. Lists have a line for each item.
    public static readonly RedisValue Flags = Name("flags");
    public static readonly RedisValue Labels = Name("labels");
    public static readonly RedisValue GmailMessageId = Name("gmail-message-id");
    public static readonly RedisValue GmailThreadId = Name("gmail-thread-id");
    public static readonly RedisValue TraceParent = Name("traceparent");
    public static readonly RedisValue Notes = Name("notes");

    public static readonly RedisValue Raw = Name("raw");

    // Instead of the message, when it is not in the entry.
    public static readonly RedisValue RawStore = Name(BodyFields.Store);
    public static readonly RedisValue RawName = Name(BodyFields.Name);
    public static readonly RedisValue RawSize = Name(BodyFields.Size);
    public static readonly RedisValue RawSha256 = Name(BodyFields.Sha256);

    // Only in dead letters and in replayed entries.
    public static readonly RedisValue FirstFailure = Name("first-failure");
    public static readonly RedisValue Replays = Name("replays");

    // Only in dead letters.
    public static readonly RedisValue Body = Name("body");
    public static readonly RedisValue Entry = Name("entry");
    public static readonly RedisValue Reason = Name("reason");
    public static readonly RedisValue ErrorType = Name("error-type");
    public static readonly RedisValue ErrorMessage = Name("error-message");
    public static readonly RedisValue StackTrace = Name("stack-trace");
    public static readonly RedisValue Fingerprint = Name("fingerprint");
    public static readonly RedisValue Deliveries = Name("deliveries");
    public static readonly RedisValue ConsumerName = Name("consumer");
    public static readonly RedisValue LastFailure = Name("last-failure");

    /// <summary>The fields that a replay removes.</summary>
    public static readonly RedisValue[] OnlyInDeadLetters =
        [Body, Entry, Reason, ErrorType, ErrorMessage, StackTrace, Fingerprint, Deliveries, ConsumerName, LastFailure];

    // As bytes, because they are compared and sent for every email.
    private static RedisValue Name(string name) => Encoding.ASCII.GetBytes(name);
}
