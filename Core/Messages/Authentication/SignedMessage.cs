using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Messages.Authentication;

/// <summary>Makes the message whose signatures are checked: the header as received, and the body as bytes.</summary>
internal static class SignedMessage
{
    /// <summary>
    /// The message; null when a header field of the email exceeds its bound. Its signature covers the whole field, whose parsing could take
    /// very long.
    /// </summary>
    public static MimeMessage? Of(EmailConversion email)
    {
        var head = email.Head;
        var start = BodyStart(head.Span, email.Structure.Start);
        if (email.Structure.Replacements?.Exists(replacement => replacement.Start < start) == true)
            return null;
        var limits = email.Settings.Limits;
        var header = new MemorySource(head[..start]);
        var structure = MessageScan.Run(header, limits, email.CancellationToken);
        var message = MimeLoader.Parse(header, structure, limits, ranges: null, email.CancellationToken);
        var raw = email.Message.Content;
        message.Body = new RawBody(message.Body?.Headers, raw.Slice(start, raw.Length - start), email.CancellationToken);
        return message;
    }

    // After the first empty line.
    private static int BodyStart(ReadOnlySpan<byte> raw, int at)
    {
        while (at < raw.Length)
        {
            if (raw[at..] is [(byte)'\n', ..])
                return at + 1;
            if (raw[at..] is [(byte)'\r', (byte)'\n', ..])
                return at + 2;
            var newline = raw[at..].IndexOf((byte)'\n');
            if (newline < 0)
                break;
            at += newline + 1;
        }

        return raw.Length;
    }
}
