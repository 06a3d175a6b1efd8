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
}
