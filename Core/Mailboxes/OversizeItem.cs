using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>The dead letter of an email that was fetched and is larger than Redis takes: its headers and why.</summary>
internal static class OversizeItem
{
    private const int MaxHeaders = 256 * 1024;

    public static AppendItem Of(AppendItem item, string why) => item with
    {
        Message = item.Message with { Raw = Headers(item.Message.Raw) },
        Digest = [],
        Failure = FailureRecord.Of(DeadLetterReasons.Oversize, DeadLetterReasons.Oversize, why),
    };

    private static ReadOnlyMemory<byte> Headers(ReadOnlyMemory<byte> raw)
    {
        var beginning = raw[..Math.Min(raw.Length, MaxHeaders)];
        var end = beginning.Span.IndexOf("\r\n\r\n"u8);
        // Of its own: the array is given back when the batch is in.
        return (end < 0 ? beginning : beginning[..(end + 4)]).ToArray();
    }
}
