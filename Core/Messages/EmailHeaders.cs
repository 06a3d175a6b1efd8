using EmailIngestion.Messages.Bytes;
using EmailIngestion.Messages.People;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages;

/// <summary>The headers stored beside the raw message, so that entries and dead letters can be listed without a parser.</summary>
internal readonly record struct EmailHeaders(string MessageId, string From, string Subject)
{
    private const int MaxLength = 500;

    // The bytes decoded of each header: enough for 500 characters in most encodings, and less than a millisecond for any decoder. The
    // parsed email has as many of the Message-ID.
    private const int MaxMessageIdBytes = FieldCutter.MaxShort;
    private const int MaxTextBytes = 4 * 1024;

    // The bytes searched: more than any real header has.
    private const int MaxHeaderBytes = 256 * 1024;

    /// <summary>Reads the headers at the start of a raw message. It never throws: an unreadable header is empty.</summary>
    public static EmailHeaders Read(ReadOnlyMemory<byte> raw)
    {
        ReadOnlyMemory<byte> messageId = default, from = default, subject = default;
        raw = BareReturns.AsLineFeeds(raw, 2 * MaxHeaderBytes);
        var start = HeaderStart.Find(raw.Span);
        if (start == HeaderStart.None)
            return new EmailHeaders("", "", "");
        var head = raw[start..Math.Min(raw.Length, start + MaxHeaderBytes)];
        // Decodes only these three: decoding all headers is most of a parser's work.
        var fields = new HeaderFields(head.Span);
        while ((messageId.IsEmpty || from.IsEmpty || subject.IsEmpty) && fields.MoveNext())
        {
            var field = head[fields.Current];
            // The first character comes first, so that most fields need no comparison.
            switch (field.Span[0] | 0x20)
            {
                case 'm' when FieldKinds.IsNamed(field.Span, "Message-ID"u8):
                    KeepFirst(ref messageId, field, MaxMessageIdBytes);
                    break;
                case 'f' when FieldKinds.IsNamed(field.Span, "From"u8):
                    KeepFirst(ref from, field, MaxTextBytes);
                    break;
                case 's' when FieldKinds.IsNamed(field.Span, "Subject"u8):
                    KeepFirst(ref subject, field, MaxTextBytes);
                    break;
            }
        }

        var charset = new HeaderCharset(new MemorySource(raw));
        return new EmailHeaders(
            MessageIdText.First(Decode(messageId.Span, charset)),
            Bounded(Decode(from.Span, charset)),
            Bounded(Decode(subject.Span, charset)));
    }

    private static void KeepFirst(ref ReadOnlyMemory<byte> kept, ReadOnlyMemory<byte> field, int bound)
    {
        if (kept.IsEmpty)
            kept = field[..FieldCutter.Keep(field.Span, bound)];
    }

    private static string Decode(ReadOnlySpan<byte> field, HeaderCharset charset) =>
        HeaderText.Decode(field[(field.IndexOf((byte)':') + 1)..], charset);

    private static string Bounded(string text) => BoundedText.Cut(text.Trim(), MaxLength);
}
