using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages.People;

/// <summary>The IDs that connect an email with others.</summary>
internal sealed record MessageIds(string MessageId, string? InReplyTo, IReadOnlyList<string> References)
{
    // Of more IDs the first and the last ones are kept: the root of the conversation and the emails before this one.
    private const int MaxReferences = 1_000;

    // From this length on the parser may have got a cut field.
    private const int MaybeCut = FieldCutter.MaxReferences - (2 * 1024);

    private static readonly string[] None = [];

    /// <summary>The ID of the first message of the conversation; empty when there is none.</summary>
    public string ConversationId => References is [var root, ..] ? root : InReplyTo ?? MessageId;

    public static MessageIds Read(EmailConversion email)
    {
        var inReplyTo = HeaderReader.Value(email, HeaderId.InReplyTo) is { } value
            ? MessageIdText.All(value, isList: false).FirstOrDefault()
            : null;
        return new(MessageIdText.First(HeaderReader.Value(email, HeaderId.MessageId) ?? ""), inReplyTo, ReadReferences(email));
    }

    private static IReadOnlyList<string> ReadReferences(EmailConversion email)
    {
        if (email.Mime.Headers.FirstOrDefault(header => header.Id == HeaderId.References) is not { } header)
            return None;
        var value = header.RawValue.Length < MaybeCut ? header.RawValue : Whole(email.Head.Span, header.RawValue);
        List<string> ids = [.. MessageIdText.All(HeaderText.Decode(value, email.HeaderCharset), isList: true)];
        if (ids.Count <= MaxReferences)
            return ids;
        email.AddTruncated("references");
        return [ids[0], .. ids[^(MaxReferences - 1)..]];
    }

    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> message, byte[] value)
    {
        var head = message[Math.Max(0, HeaderStart.Find(message))..];
        foreach (var range in new HeaderFields(head))
        {
            var field = head[range];
            if (FieldKinds.IsNamed(field, "References"u8))
                return field[(field.IndexOf((byte)':') + 1)..];
        }

        return value;
    }
}
