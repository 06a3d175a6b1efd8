namespace EmailIngestion.Messages.Text;

/// <summary>Reads the euro sign of GBK. Windows writes it as the byte 0x80, which GB 18030 does not have.</summary>
internal static class EuroSigns
{
    private const byte Windows = 0x80;

    /// <summary>Writes each single byte 0x80 as the euro sign of GB 18030. The time is linear.</summary>
    public static ReadOnlySpan<byte> InGb18030(ReadOnlySpan<byte> text)
    {
        List<byte>? written = null;
        var from = 0;
        var last = text.LastIndexOf(Windows);
        for (var at = 0; at <= last; at += Length(text[at..]))
        {
            at += text[at..].IndexOfAnyInRange(Windows, (byte)0xff);
            if (text[at] != Windows)
                continue;
            written ??= new List<byte>(text.Length + 1);
            written.AddRange(text[from..at]);
            written.AddRange([0xa2, 0xe3]);
            from = at + 1;
        }

        if (written is null)
            return text;
        written.AddRange(text[from..]);
        return written.ToArray();
    }

    // A character has one, two or four bytes.
    private static int Length(ReadOnlySpan<byte> text) => text switch
    {
        [0x80 or 0xff, ..] => 1,
        [_, >= 0x30 and <= 0x39, ..] => 4,
        [_, >= 0x40, ..] => 2,
        _ => 1,
    };
}
