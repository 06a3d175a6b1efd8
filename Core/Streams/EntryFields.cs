using System.Text;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The names of an entry's and a dead letter's fields. They are on the wire: a change of meaning needs a new version.</summary>
internal static class EntryFields
{
    public const int Version = 1;

    public static readonly RedisValue VersionName = "version";
    public static readonly RedisValue Id = "id";
    public static readonly RedisValue Mailbox = "mailbox";
    public static readonly RedisValue UidValidity = "uidvalidity";
    public static readonly RedisValue Uid = "uid";
    public static readonly RedisValue MessageId = "message-id";
    public static readonly RedisValue From = "from";
    public static readonly RedisValue Subject = "subject";
    public static readonly RedisValue Date = "date";
    public static readonly RedisValue Size = "size";
    public static readonly RedisValue TraceParent = "traceparent";
    public static readonly RedisValue Raw = "raw";

    // Only in dead letters, and in entries replayed from one.
    public static readonly RedisValue FirstFailure = "first-failure";
    public static readonly RedisValue Replays = "replays";

    // Only in dead letters.
    public static readonly RedisValue Body = "body";
    public static readonly RedisValue Entry = "entry";
    public static readonly RedisValue Reason = "reason";
    public static readonly RedisValue ErrorType = "error-type";
    public static readonly RedisValue ErrorMessage = "error-message";
    public static readonly RedisValue Fingerprint = "fingerprint";
    public static readonly RedisValue Deliveries = "deliveries";
    public static readonly RedisValue ConsumerName = "consumer";
    public static readonly RedisValue LastFailure = "last-failure";

    // What every entry has; of the others there are few.
    private static readonly string[] Common =
        [.. new[] { VersionName, Id, Mailbox, UidValidity, Uid, MessageId, From, Subject, Date, Size, TraceParent, Raw }.Select(name => name.ToString())];

    /// <summary>A field's name as a string, the same one for all entries: a dozen for each would be as much as a small email.</summary>
    public static string Read(RedisValue name)
    {
        var bytes = ((ReadOnlyMemory<byte>)name).Span;
        foreach (var common in Common)
        {
            if (Ascii.Equals(bytes, common))
                return common;
        }

        return name.ToString();
    }

    /// <summary>What a replay leaves behind.</summary>
    public static readonly RedisValue[] OnlyInDeadLetters =
        [Body, Entry, Reason, ErrorType, ErrorMessage, Fingerprint, Deliveries, ConsumerName, LastFailure];
}
