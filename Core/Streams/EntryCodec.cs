using System.Globalization;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Converts an email to an entry and back. Numbers and dates are text, so that redis-cli shows them. The id and the message are bytes.
/// </summary>
internal static class EntryCodec
{
    // In characters. The mailbox is account/folder, and becomes a metric's label and a directory's name.
    private const int MaxMailbox = 2_000;

    private static readonly string VersionText = EntryFields.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>The fields of an email's entry.</summary>
    public static NameValueEntry[] Encode(EmailMessage message)
    {
        var date = message.Date.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        NameValueEntry[] fields =
        [
            new(EntryFields.VersionName, EntryFields.Version),
            new(EntryFields.Id, message.Id.ToByteArray()),
            new(EntryFields.Mailbox, message.Mailbox),
            new(EntryFields.UidValidity, message.UidValidity),
            new(EntryFields.Uid, message.Uid),
            new(EntryFields.MessageId, message.MessageId),
            new(EntryFields.From, message.From),
            new(EntryFields.Subject, message.Subject),
            new(EntryFields.Date, date),
            new(EntryFields.Size, message.Size),
            new(EntryFields.Raw, message.Raw),
        ];
        return message.TraceParent is { } trace ? [.. fields[..^1], new(EntryFields.TraceParent, trace), fields[^1]] : fields;
    }

    /// <summary>Reads the email of an entry. When the entry is malformed, the text names the field and says why.</summary>
    public static (EmailMessage? Message, string? Malformed) Decode(ReadOnlySpan<NameValueEntry> fields)
    {
        var reader = new EntryReader(fields);
        if (reader.Text(EntryFields.VersionName) != VersionText)
            return (null, $"field 'version' is not {EntryFields.Version}");
        if (!EmailId.TryRead((byte[]?)reader.Value(EntryFields.Id), out var id))
            return (null, "field 'id' is not 16 bytes");
        var mailbox = reader.Text(EntryFields.Mailbox);
        if (string.IsNullOrEmpty(mailbox))
            return (null, "field 'mailbox' is missing");
        if (mailbox.Length > MaxMailbox)
            return (null, $"field 'mailbox' is {mailbox.Length} characters");
        if (!reader.TryNumber(EntryFields.UidValidity, 0, uint.MaxValue, out var uidValidity))
            return (null, "field 'uidvalidity' is not a number");
        if (!reader.TryNumber(EntryFields.Uid, 0, uint.MaxValue, out var uid))
            return (null, "field 'uid' is not a number");
        var messageId = reader.Text(EntryFields.MessageId) ?? "";
        var from = reader.Text(EntryFields.From) ?? "";
        var subject = reader.Text(EntryFields.Subject) ?? "";
        if (!DateTimeOffset.TryParse(
            reader.Text(EntryFields.Date), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return (null, "field 'date' is not a date");
        if (!reader.TryNumber(EntryFields.Size, long.MinValue, long.MaxValue, out var size))
            return (null, "field 'size' is not a number");
        var traceParent = reader.Text(EntryFields.TraceParent);
        var raw = reader.Value(EntryFields.Raw);
        if (raw.IsNull)
            return (null, "field 'raw' is missing");

        return (new EmailMessage
        {
            Id = id,
            Mailbox = mailbox,
            UidValidity = (uint)uidValidity,
            Uid = (uint)uid,
            MessageId = messageId,
            From = from,
            Subject = subject,
            Date = date,
            Size = size,
            Raw = (ReadOnlyMemory<byte>)raw,
            TraceParent = traceParent,
        }, null);
    }

    /// <summary>Adds a field to the arguments of a script.</summary>
    public static void Add(List<RedisValue> arguments, RedisValue name, RedisValue value)
    {
        arguments.Add(name);
        arguments.Add(value);
    }

    /// <summary>Reads the fields of a raw reply: name, value, name, value, …</summary>
    public static NameValueEntry[] ReadFields(RedisResult reply)
    {
        var fields = new NameValueEntry[reply.Length / 2];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = new NameValueEntry((RedisValue)reply[2 * i], (RedisValue)reply[(2 * i) + 1]);
        return fields;
    }
}
