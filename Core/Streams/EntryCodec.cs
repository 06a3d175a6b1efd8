using System.Globalization;
using System.Text;
using EmailIngestion.Bodies;
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

    // Ten of each email, five that are optional, the request of notes, and at most four of a body.
    private const int MostFields = 20;

    private static readonly byte[] VersionText =
        Encoding.ASCII.GetBytes(EntryFields.Version.ToString(CultureInfo.InvariantCulture));

    /// <summary>The fields of an email's entry. It contains the message, or refers to it.</summary>
    public static NameValueEntry[] Encode(EmailMessage message, BodyReference? body = null, NoteRequest? notes = null) =>
        body is null ? Encode(message, notes, [new(EntryFields.Raw, message.Raw)]) : Encode(message, notes, Refer(body));

    private static NameValueEntry[] Encode(EmailMessage message, NoteRequest? notes, ReadOnlySpan<NameValueEntry> content)
    {
        var date = message.Date.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        // With room for all: a list that grows copies its fields.
        var fields = new List<NameValueEntry>(MostFields)
        {
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
        };
        AddOptional(fields, message);
        if (notes is not null)
            fields.Add(new(EntryFields.Notes, notes.Text));
        fields.AddRange(content);
        return [.. fields];
    }

    /// <inheritdoc cref="Decode{TFields}(ref TFields, out BodyReference?)"/>
    public static (EmailMessage? Message, string? Malformed) Decode(ReadOnlySpan<NameValueEntry> fields, out BodyReference? body)
    {
        var reader = new EntryReader(fields);
        return Decode(ref reader, out body);
    }

    /// <summary>Reads the email of an entry. When the entry is malformed, the text names the field and says why.</summary>
    /// <param name="reader">The entry.</param>
    /// <param name="body">Where the message is. Null when the entry contains it.</param>
    public static (EmailMessage? Message, string? Malformed) Decode<TFields>(ref TFields reader, out BodyReference? body)
        where TFields : struct, IEntryFields, allows ref struct
    {
        body = null;
        if (!reader.TryFind(EntryFields.VersionName, out var version) || !version.SequenceEqual(VersionText))
            return (null, $"field 'version' is not {EntryFields.Version}");
        if (!reader.TryFind(EntryFields.Id, out var bytes) || !EmailId.TryRead(bytes, out var id))
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
        if (!reader.TryDate(EntryFields.Date, out var date))
            return (null, "field 'date' is not a date");
        if (!reader.TryNumber(EntryFields.Size, long.MinValue, long.MaxValue, out var size))
            return (null, "field 'size' is not a number");
        var flags = TagList.Read(reader.Text(EntryFields.Flags));
        var labels = TagList.Read(reader.Text(EntryFields.Labels));
        var gmailMessageId = GmailId(reader.Text(EntryFields.GmailMessageId));
        var gmailThreadId = GmailId(reader.Text(EntryFields.GmailThreadId));
        var traceParent = reader.Text(EntryFields.TraceParent);
        if (!reader.TryKeep(EntryFields.Raw, out var raw))
        {
            (body, var malformed) = ReadReference(ref reader);
            if (malformed is not null)
                return (null, malformed);
        }

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
            Raw = raw,
            Flags = flags,
            Labels = labels,
            GmailMessageId = gmailMessageId,
            GmailThreadId = gmailThreadId,
            TraceParent = traceParent,
        }, null);
    }

    /// <summary>Reads the reference of a dead letter. Null when it has none, or a malformed one.</summary>
    public static BodyReference? ReferenceOf(ReadOnlySpan<NameValueEntry> fields)
    {
        var reader = new EntryReader(fields);
        return ReadReference(ref reader).Reference;
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

    private static NameValueEntry[] Refer(BodyReference body) =>
    [
        new(EntryFields.RawStore, body.StoreText),
        new(EntryFields.RawName, body.Name),
        new(EntryFields.RawSize, body.SizeText),
        new(EntryFields.RawSha256, body.Sha256),
    ];

    private static (BodyReference? Reference, string? Malformed) ReadReference<TFields>(ref TFields reader)
        where TFields : struct, IEntryFields, allows ref struct
    {
        if (reader.Text(EntryFields.RawStore) is not { } store)
            return (null, "field 'raw' is missing");
        return BodyReference.Parse(
            store, reader.Text(EntryFields.RawName), reader.Text(EntryFields.RawSize), reader.Text(EntryFields.RawSha256));
    }

    // New mail has no flags, and few servers are Gmail.
    private static void AddOptional(List<NameValueEntry> fields, EmailMessage message)
    {
        if (message.Flags is { Count: > 0 } flags)
            fields.Add(new(EntryFields.Flags, TagList.Write(flags)));
        if (message.Labels is { Count: > 0 } labels)
            fields.Add(new(EntryFields.Labels, TagList.Write(labels)));
        if (message.GmailMessageId is { } messageId)
            fields.Add(new(EntryFields.GmailMessageId, messageId));
        if (message.GmailThreadId is { } threadId)
            fields.Add(new(EntryFields.GmailThreadId, threadId));
        if (message.TraceParent is { } trace)
            fields.Add(new(EntryFields.TraceParent, trace));
    }

    // An ID that is not a number does not make the email malformed: it is only additional.
    private static ulong? GmailId(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
