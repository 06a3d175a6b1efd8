using System.Buffers;
using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>
/// Reads text from outside as mail readers do: by its charset label where that is right, else as UTF-8 where it is UTF-8, else as
/// windows-1252. What has no reading becomes U+FFFD, never <c>?</c> or a control character.
/// </summary>
internal static class MailEncoding
{
    // A character takes at most four bytes in nearly all charsets.
    private const int BytesPerCharacter = 4;
    private const int Escapes = 64;
    private const int FirstRead = 16 * 1024;

    // A text without a label is UTF-8 if one in five of its characters beyond ASCII is broken. With the label, every second one may be.
    private const int UndeclaredFactor = 4;
    private const int DeclaredFactor = 1;

    private static readonly Encoding Utf8 = CharsetEncodings.Of(CharsetLabels.Utf8);
    private static readonly Encoding Windows1252 = CharsetEncodings.Of(CharsetLabels.Windows1252);

    /// <summary>Reads a whole text.</summary>
    public static string Read(string? label, ReadOnlySpan<byte> bytes) => Read(CharsetLabels.Find(label), bytes);

    /// <summary>
    /// Reads at most <paramref name="length"/> characters of a text of any length. It keeps at most four bytes for each of them.
    /// </summary>
    /// <param name="isCut">Whether the text is longer.</param>
    public static string Read(string? label, Stream content, int length, CancellationToken cancellationToken, out bool isCut)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var (count, most) = (0, (length * BytesPerCharacter) + Escapes);
            for (int read; count < most && (read = content.Read(buffer, count, Math.Min(buffer.Length, most) - count)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                count += read;
                if (count < buffer.Length || count >= most)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var text = Read(CharsetLabels.Find(label), buffer.AsSpan(0, count));
            isCut = text.Length > length || (count >= most && content.ReadByte() >= 0);
            return BoundedText.Cut(text, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// The encoding of a text: the sample is its beginning or all of it. A byte order mark says more than the label.
    /// </summary>
    public static Encoding For(string? label, ReadOnlySpan<byte> sample) => For(CharsetLabels.Find(label), sample);

    /// <summary>Reads bytes by a code page of <see cref="CharsetLabels"/>.</summary>
    public static string Read(int page, ReadOnlySpan<byte> bytes)
    {
        if (IsAscii(page, bytes))
            return Encoding.ASCII.GetString(bytes);
        var encoding = For(page, bytes);
        if (encoding.CodePage == CharsetLabels.Gb18030)
            bytes = EuroSigns.InGb18030(bytes);
        return CharsetRepair.Clean(encoding.GetString(bytes), encoding);
    }

    /// <summary>Whether a text is read as ASCII.</summary>
    public static bool IsAscii(string? label, ReadOnlySpan<byte> bytes) => IsAscii(CharsetLabels.Find(label), bytes);

    /// <summary>The encoding of a text by a code page of <see cref="CharsetLabels"/>.</summary>
    public static Encoding For(int page, ReadOnlySpan<byte> sample) => ByMark(sample) ?? page switch
    {
        CharsetLabels.Unknown or CharsetLabels.Ascii => Undeclared(sample),
        CharsetLabels.Utf8 => Utf8Check.IsMostly(sample, DeclaredFactor) ? Utf8 : Windows1252,
        CharsetLabels.Utf16 or CharsetLabels.Utf16BigEndian => Utf16(page, sample),
        CharsetLabels.Utf7 or CharsetLabels.HzGb2312 or CharsetLabels.Iso2022Kr or CharsetLabels.Iso2022Cn =>
            Ascii.IsValid(sample) ? CharsetEncodings.Of(page) : Undeclared(sample),
        CharsetLabels.Iso2022Jp => Iso2022Jp(sample),
        CharsetLabels.Windows1252 => Utf8Check.IsCertain(sample) ? Utf8 : Windows1252,
        _ => Declared(CharsetEncodings.Of(page), sample),
    };

    /// <summary>Whether the bytes of ASCII are themselves in a charset.</summary>
    public static bool IsAsciiSuperset(int page) => page switch
    {
        CharsetLabels.Utf7 or CharsetLabels.Utf16 or CharsetLabels.Utf16BigEndian or CharsetLabels.Utf32 or CharsetLabels.Utf32BigEndian
            or CharsetLabels.Iso2022Jp or CharsetLabels.Iso2022Kr or CharsetLabels.Iso2022Cn or CharsetLabels.HzGb2312 => false,
        CharsetLabels.Unknown => true,
        _ => !CharsetLabels.IsEbcdic(page),
    };

    private static bool IsAscii(int page, ReadOnlySpan<byte> bytes) =>
        IsAsciiSuperset(page) && Ascii.IsValid(bytes)
        && (page is not (CharsetLabels.Unknown or CharsetLabels.Ascii) || !HasEscape(bytes));

    private static Encoding? ByMark(ReadOnlySpan<byte> text) => text switch
    {
        [0xef, 0xbb, 0xbf, ..] => Utf8,
        [0xff, 0xfe, 0, 0, ..] => CharsetEncodings.Of(CharsetLabels.Utf32),
        [0xff, 0xfe, ..] => CharsetEncodings.Of(CharsetLabels.Utf16),
        [0xfe, 0xff, ..] => CharsetEncodings.Of(CharsetLabels.Utf16BigEndian),
        _ => null,
    };

    private static Encoding Undeclared(ReadOnlySpan<byte> sample)
    {
        if (Utf8Check.IsMostly(sample, UndeclaredFactor))
            return HasEscape(sample) ? CharsetEncodings.Of(CharsetLabels.Iso2022Jp) : Utf8;
        return Windows1252;
    }

    // Programs that hold text as UTF-16 often label mail with it that they send as UTF-8.
    private static Encoding Utf16(int page, ReadOnlySpan<byte> sample)
    {
        if (!sample.Contains((byte)0) && Utf8Check.IsValid(sample))
            return Utf8;
        var start = sample[..Math.Min(sample.Length, FirstRead)];
        var (even, odd) = (0, 0);
        for (var i = 0; i + 1 < start.Length; i += 2)
        {
            even += start[i] == 0 ? 1 : 0;
            odd += start[i + 1] == 0 ? 1 : 0;
        }

        return CharsetEncodings.Of(even > odd ? CharsetLabels.Utf16BigEndian : odd > even ? CharsetLabels.Utf16 : page);
    }

    private static Encoding Iso2022Jp(ReadOnlySpan<byte> sample)
    {
        if (Ascii.IsValid(sample) || sample.Contains((byte)0x1b))
            return CharsetEncodings.Of(CharsetLabels.Iso2022Jp);
        if (Utf8Check.IsValid(sample))
            return Utf8;
        // Only the end of a sample may be half a character.
        var eucJp = CharsetEncodings.Of(CharsetLabels.EucJp);
        var isEucJp = !eucJp.GetString(sample).AsSpan()[..^1].Contains('\uFFFD');
        return isEucJp ? eucJp : CharsetEncodings.Of(CharsetLabels.ShiftJis);
    }

    // Text that is whole in UTF-8 but not in the declared charset of two bytes a character is labelled wrongly.
    private static Encoding Declared(Encoding encoding, ReadOnlySpan<byte> sample)
    {
        if (encoding.IsSingleByte || Ascii.IsValid(sample) || !Utf8Check.IsValid(sample) || !Utf8Check.HasLongCharacter(sample))
            return encoding;
        return encoding.GetString(sample).Contains('\uFFFD', StringComparison.Ordinal) ? Utf8 : encoding;
    }

    // An escape to a Japanese character set (ISO 2022).
    private static bool HasEscape(ReadOnlySpan<byte> text) => text.Contains((byte)0x1b) && text.IndexOf("\u001b$"u8) >= 0;
}
