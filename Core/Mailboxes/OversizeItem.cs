using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Makes the dead letter of a fetched email that is too large for Redis: its headers and the reason.</summary>
internal static class OversizeItem
{
    private const int MaxHeaders = 256 * 1024;

    public static AppendItem Of(AppendItem item, string why) => item with
    {
        Message = item.Message with { Raw = Headers(item.Message.Raw) },
        Digest = [],
        Body = null,
        Streamed = null,
        Failure = FailureRecord.Of(DeadLetterReasons.Oversize, why),
    };

    private static ReadOnlyMemory<byte> Headers(ReadOnlyMemory<byte> raw)
    {
        var beginning = raw[..Math.Min(raw.Length, MaxHeaders)];
        var end = beginning.Span.IndexOf("\r\n\r\n"u8);
        // A copy: the batch returns the array to its pool after the append.
        return (end < 0 ? beginning : beginning[..(end + 4)]).ToArray();
    }
}
