namespace EmailIngestion.Messages.Content;

/// <summary>Splits a header's parameters. The time is linear in the length of the header.</summary>
internal static class ParameterScanner
{
    private const int MaxKey = 64;

    /// <summary>Finds the next parameter from an offset on.</summary>
    /// <param name="header">The header's value.</param>
    /// <param name="at">The offset; then the offset behind the parameter.</param>
    /// <param name="key">The parameter's name.</param>
    /// <param name="value">The value with its quotes, if it has some.</param>
    /// <returns>False when there is no further one.</returns>
    public static bool Next(ReadOnlySpan<byte> header, ref int at, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        while (at < header.Length)
        {
            at += header[at..].IndexOfAnyExcept("; \t\r\n"u8) is >= 0 and var blanks ? blanks : header.Length - at;
            var end = header[at..].IndexOfAny((byte)'=', (byte)';');
            if (end < 0)
                return false;
            var isKey = header[at + end] == (byte)'=';
            key = header.Slice(at, end).Trim(" \t\r\n"u8);
            at += end + 1;
            if (!isKey)
                continue;
            at += header[at..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var spaces ? spaces : header.Length - at;
            var length = header[at..] is [(byte)'"', ..] ? QuotedLength(header[at..]) : UnquotedLength(header[at..]);
            value = header.Slice(at, length);
            at += length;
            return true;
        }

        return false;
    }

    /// <summary>A value without its quotes and its folding.</summary>
    public static byte[] Unquoted(ReadOnlySpan<byte> value)
    {
        var isQuoted = value is [(byte)'"', ..];
        if (isQuoted)
            value = value is [_, .., (byte)'"'] ? value[1..^1] : value[1..];
        var bytes = new List<byte>(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] is (byte)'\r' or (byte)'\n')
                continue;
            // A backslash quotes a quote or a backslash. Before other characters it is part of a path.
            if (isQuoted && value[at] == (byte)'\\' && at + 1 < value.Length && value[at + 1] is (byte)'"' or (byte)'\\')
                at++;
            bytes.Add(value[at] == (byte)'\t' ? (byte)' ' : value[at]);
        }

        var unquoted = bytes.ToArray();
        return isQuoted ? unquoted : unquoted.AsSpan().Trim((byte)' ').ToArray();
    }

    private static int UnquotedLength(ReadOnlySpan<byte> text) => text.IndexOf((byte)';') is >= 0 and var end ? end : text.Length;

    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (var at = 1; at < text.Length;)
        {
            var special = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0)
                break;
            at += special + 1;
            if (text[at - 1] == (byte)'\\')
                at++;
            else if (IsClosing(text[at..]))
                return at;
        }

        return text.Length;
    }

    // Some programs do not escape quotes. The quote that closes is followed by ";", by the end, or by the next parameter.
    private static bool IsClosing(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] == (byte)';')
            return true;
        var next = rest.IndexOfAny((byte)'"', (byte)';');
        if (next < 0 || rest[next] == (byte)';')
            return true;
        var key = rest[..Math.Min(MaxKey, next)];
        return key.IndexOf((byte)'=') is > 0 and var equals && !key[..equals].ContainsAny(" \t\r\n?"u8);
    }
}
