using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>Parses MIME messages. It is as lenient as mail readers: everything that MimeKit can read is an email. Pure.</summary>
internal static class MimeLoader
{
    /// <summary>Parses a message. Header fields beyond their bounds (4 to 64 KiB) are cut.</summary>
    /// <param name="raw">The message.</param>
    /// <param name="structure">The result of its scan.</param>
    /// <param name="limits">The limits of the scan.</param>
    /// <param name="ranges">Receives where parts are in the parsed bytes; null when nobody asks.</param>
    /// <param name="cancellationToken">Ends the parsing.</param>
    /// <exception cref="MessageTooComplexException">The message exceeds a limit.</exception>
    public static MimeMessage Parse(
        ByteSource raw, MessageStructure structure, MessageLimits limits, PartRanges? ranges, CancellationToken cancellationToken)
    {
        if (structure.IsBodyOnly)
            return BodyOnly(raw);
        var bounded = structure.Bounded(raw);
        return Load(bounded, limits, ranges, cancellationToken)
            // The message may end within a header's name. A line end and an empty line make the headers before it readable.
            ?? Load(Ended(bounded), limits, ranges, cancellationToken)
            ?? BodyOnly(raw);
    }

    // Returns null when the parser finds no message.
    private static MimeMessage? Load(
        ByteSource raw, MessageLimits limits, PartRanges? ranges, CancellationToken cancellationToken)
    {
        // Persistent: parts read from the given bytes instead of copies.
        var parser = new MimeParser(ParserOptions.Default, Open(raw), MimeFormat.Entity, persistent: true);
        var parts = 0;
        // The scan counts at least as many parts. This check holds the limit even if the scan counts wrong.
        parser.MimeEntityBegin += (_, begun) =>
        {
            if (begun.Parent is Multipart && ++parts > limits.MaxParts)
                throw new MessageTooComplexException("Processing:MaxParts", limits.MaxParts, parts);
        };
        if (ranges is not null)
            parser.MimeEntityEnd += (_, ended) => ranges.Add(raw, ended);
        try
        {
            return parser.ParseMessage(cancellationToken);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Bytes without a header are the body of an email. The constructor with an empty list of headers adds no header.
    private static MimeMessage BodyOnly(ByteSource body)
    {
        var message = new MimeMessage((IEnumerable<Header>)[]);
        if (body.Length > 0)
            message.Body = new TextPart("plain") { Content = new MimeContent(Open(body)) };
        return message;
    }

    private static ByteSource Ended(ByteSource raw) => SplicedSource.Of([raw, new MemorySource("\r\n\r\n"u8.ToArray())]);

    // Visible: attachments read from the array itself, so that each of their streams has a position of its own. A stream over other bytes
    // tells its source for the same reason.
    private static Stream Open(ByteSource raw) => raw.IsInMemory ? MemorySource.Open(raw.Head(0), isVisible: true) : raw.Open();
}
