using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Finds and decodes uuencoded files in texts: from <c>begin 644 name</c> to <c>end</c>. Only a block whose every line is valid is a
/// file; any other stays text. The time is linear in the length of the text.
/// </summary>
internal static class Uuencoding
{
    private const int MaxFiles = 1_000;
    private const int BytesPerLine = 64;

    /// <summary>Whether a text may have a file in it.</summary>
    public static bool MayBeIn(ByteSource text) =>
        text.AnyBlock(static block => block.IndexOf("begin "u8) >= 0, overlap: "begin "u8.Length - 1);

    /// <summary>The files of a text in their order, at most 1,000.</summary>
    public static List<UuencodedFile> Find(ReadOnlySpan<byte> text)
    {
        List<UuencodedFile> files = [];
        for (var at = 0; files.Count < MaxFiles && text[at..].IndexOf("begin "u8) is >= 0 and var found;)
        {
            var start = at + found;
            at = start + "begin "u8.Length;
            if ((start == 0 || text[start - 1] == (byte)'\n') && TryRead(text, start, out var file))
            {
                files.Add(file);
                at = file.Block.End.Value;
            }
        }

        return files;
    }

    /// <summary>Decodes the lines of a file.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> data)
    {
        var decoded = new MemoryStream((data.Length * 3 / 4) + BytesPerLine);
        Span<byte> bytes = stackalloc byte[BytesPerLine + 3];
        while (!data.IsEmpty)
        {
            var line = Line(data, 0, out var next);
            data = data[next..];
            var length = Value(line[0]);
            var written = 0;
            for (var at = 1; written < length; at += 4)
            {
                var bits = (Value(line, at) << 18) | (Value(line, at + 1) << 12) | (Value(line, at + 2) << 6) | Value(line, at + 3);
                bytes[written++] = (byte)(bits >> 16);
                bytes[written++] = (byte)(bits >> 8);
                bytes[written++] = (byte)bits;
            }

            decoded.Write(bytes[..length]);
        }

        return decoded.ToArray();
    }

    private static bool TryRead(ReadOnlySpan<byte> text, int start, out UuencodedFile file)
    {
        file = default;
        var header = Line(text, start, out var at);
        var mode = header["begin "u8.Length..].TrimStart((byte)' ');
        var blank = mode.IndexOf((byte)' ');
        if (blank is not (3 or 4) || mode[..blank].ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            return false;
        var name = mode[blank..].Trim((byte)' ');
        var nameStart = start + header.Length - mode[blank..].TrimStart((byte)' ').Length;
        var data = at;
        while (at < text.Length)
        {
            var line = Line(text, at, out var next);
            if (IsData(line))
            {
                at = next;
                continue;
            }

            var dataEnd = at;
            // The last line of data is empty: one with the length 0, or a blank one where blanks were lost.
            if (line.Trim(" `"u8).IsEmpty)
                line = Line(text, next, out next);
            if (dataEnd == data || !line.TrimEnd((byte)' ').SequenceEqual("end"u8))
                return false;
            file = new UuencodedFile(start..next, data..dataEnd, nameStart..(nameStart + name.Length));
            return true;
        }

        return false;
    }

    // A line has the characters that its first one tells, less lost blanks at its end, and perhaps one more as a check.
    private static bool IsData(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line.ContainsAnyExceptInRange((byte)' ', (byte)'`') || Value(line[0]) is not (> 0 and var length))
            return false;
        var characters = (length + 2) / 3 * 4;
        return line.Length - 1 <= characters + 2 && line.Length > 1;
    }

    private static int Value(ReadOnlySpan<byte> line, int at) => at < line.Length ? Value(line[at]) : 0;

    private static int Value(byte character) => (character - ' ') & 0x3f;

    // The line at an offset without its end, and the offset of the next line.
    private static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> text, int start, out int next)
    {
        var newline = text[start..].IndexOf((byte)'\n');
        next = newline < 0 ? text.Length : start + newline + 1;
        return text[start..(newline < 0 ? next : next - 1)].TrimEnd((byte)'\r');
    }
}
