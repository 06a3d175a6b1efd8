using System.Globalization;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Email to entry and back. Numbers and dates are text, so that redis-cli shows them; the id and the message are bytes.</summary>
internal static class EntryCodec
{
    /// <summary>Adds the entry's names and values to the arguments of a script.</summary>
    public static void Encode(EmailMessage message, List<RedisValue> arguments)
    {
        Add(arguments, EntryFields.VersionName, EntryFields.Version);
        Add(arguments, EntryFields.Id, message.Id.ToByteArray());
        Add(arguments, EntryFields.Mailbox, message.Mailbox);
        Add(arguments, EntryFields.UidValidity, message.UidValidity);
        Add(arguments, EntryFields.Uid, message.Uid);
        Add(arguments, EntryFields.MessageId, message.MessageId);
        Add(arguments, EntryFields.From, message.From);
        Add(arguments, EntryFields.Subject, message.Subject);
        Add(arguments, EntryFields.Date, message.Date.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Add(arguments, EntryFields.Size, message.Size);
        if (message.TraceParent is not null)
            Add(arguments, EntryFields.TraceParent, message.TraceParent);
        Add(arguments, EntryFields.Raw, message.Raw);
    }

    /// <summary>The email of an entry, or what is wrong with it in a few words that name the field.</summary>
    public static (EmailMessage? Message, string? Malformed) Decode(IReadOnlyDictionary<string, RedisValue> fields)
    {
        if (!TryGet(fields, EntryFields.VersionName, out var version) || version != EntryFields.Version.ToString(CultureInfo.InvariantCulture))
            return (null, $"field 'version' is not {EntryFields.Version}");
        if (!fields.TryGetValue(EntryFields.Id!, out var idValue) || !EmailId.TryRead((byte[]?)idValue, out var id))
            return (null, "field 'id' is not 16 bytes");
        if (!TryGet(fields, EntryFields.Mailbox, out var mailbox) || mailbox.Length == 0)
            return (null, "field 'mailbox' is missing");
        if (!TryGet(fields, EntryFields.UidValidity, out var text) || !uint.TryParse(text, CultureInfo.InvariantCulture, out var uidValidity))
            return (null, "field 'uidvalidity' is not a number");
        if (!TryGet(fields, EntryFields.Uid, out text) || !uint.TryParse(text, CultureInfo.InvariantCulture, out var uid))
            return (null, "field 'uid' is not a number");
        if (!TryGet(fields, EntryFields.Date, out text)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return (null, "field 'date' is not a date");
        if (!TryGet(fields, EntryFields.Size, out text) || !long.TryParse(text, CultureInfo.InvariantCulture, out var size))
            return (null, "field 'size' is not a number");
        if (!fields.TryGetValue(EntryFields.Raw!, out var raw) || raw.IsNull)
            return (null, "field 'raw' is missing");

        return (new EmailMessage
        {
            Id = id,
            Mailbox = mailbox,
            UidValidity = uidValidity,
            Uid = uid,
            MessageId = Optional(fields, EntryFields.MessageId) ?? "",
            From = Optional(fields, EntryFields.From) ?? "",
            Subject = Optional(fields, EntryFields.Subject) ?? "",
            Date = date,
            Size = size,
            Raw = (ReadOnlyMemory<byte>)raw,
            TraceParent = Optional(fields, EntryFields.TraceParent),
        }, null);
    }

    public static void Add(List<RedisValue> arguments, RedisValue name, RedisValue value)
    {
        arguments.Add(name);
        arguments.Add(value);
    }

    /// <summary>The fields of a raw reply: name, value, name, value.</summary>
    public static Dictionary<string, RedisValue> ReadFields(RedisResult reply)
    {
        var fields = new Dictionary<string, RedisValue>(reply.Length / 2, StringComparer.Ordinal);
        for (var i = 0; i + 1 < reply.Length; i += 2)
            fields[EntryFields.Read((RedisValue)reply[i])] = (RedisValue)reply[i + 1];
        return fields;
    }

    /// <summary>The fields as the client library reads them.</summary>
    public static Dictionary<string, RedisValue> ReadFields(NameValueEntry[] entries)
    {
        var fields = new Dictionary<string, RedisValue>(entries.Length, StringComparer.Ordinal);
        foreach (var entry in entries)
            fields[EntryFields.Read(entry.Name)] = entry.Value;
        return fields;
    }

    public static string? Optional(IReadOnlyDictionary<string, RedisValue> fields, RedisValue name) =>
        TryGet(fields, name, out var text) ? text : null;

    private static bool TryGet(IReadOnlyDictionary<string, RedisValue> fields, RedisValue name, out string text)
    {
        var found = fields.TryGetValue(name!, out var value) && !value.IsNull;
        text = found ? value.ToString() : "";
        return found;
    }
}
