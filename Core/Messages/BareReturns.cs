using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Messages;

/// <summary>
/// Reads emails whose lines end with a bare carriage return, as old programs of the Macintosh wrote them. In an email with any line feed a
/// bare carriage return ends no line of a header and no boundary.
/// </summary>
internal static class BareReturns
{
    /// <summary>The same email with line feeds, if it has none; the given bytes otherwise.</summary>
    /// <param name="raw">The email.</param>
    /// <param name="length">How many bytes of it are needed.</param>
    public static ReadOnlyMemory<byte> AsLineFeeds(ReadOnlyMemory<byte> raw, int length = int.MaxValue)
    {
        var bytes = raw.Span;
        // Nearly all mail has a line feed in its first line.
        if (bytes.Contains((byte)'\n') || !bytes.Contains((byte)'\r'))
            return raw;
        var copy = raw[..Math.Min(raw.Length, length)].ToArray();
        copy.AsSpan().Replace((byte)'\r', (byte)'\n');
        return copy;
    }

    /// <summary>The same for any bytes. It copies only what is in memory.</summary>
    public static ByteSource AsLineFeeds(ByteSource raw)
    {
        if (raw.IsInMemory)
            return AsLineFeeds(raw.Head(0)) is var bytes && bytes.Equals(raw.Head(0)) ? raw : new MemorySource(bytes);
        var hasReturn = false;
        var hasFeed = raw.AnyBlock(
            block =>
            {
                hasReturn |= block.Contains((byte)'\r');
                return block.Contains((byte)'\n');
            },
            overlap: 0);
        return hasReturn && !hasFeed ? new LineFeedSource(raw) : raw;
    }
}
