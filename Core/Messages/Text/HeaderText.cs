using System.Buffers;
using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>Reads the value of a header field as one line of text: unfolded, decoded, without control characters.</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xa0).Where(value => value is < 0x20 or >= 0x7f).Select(value => (char)value)]);

    /// <summary>Reads a value with its encoded words (RFC 2047).</summary>
    public static string Decode(ReadOnlySpan<byte> value, HeaderCharset charset) => DecodeWords(Unfold(value, charset));

    /// <summary>Decodes the encoded words of an unfolded value.</summary>
    public static string DecodeWords(string text)
    {
        var decoded = EncodedWords.Decode(text);
        return ReferenceEquals(decoded, text) ? text : WithoutControls(decoded).Trim(' ');
    }

    /// <summary>
    /// Reads a value without decoding its encoded words. Raw 8-bit text is decoded, so that no byte of it is taken for a sign.
    /// </summary>
    public static string Unfold(ReadOnlySpan<byte> value, HeaderCharset charset) =>
        WithoutControls(Read(value.Trim(" \t\r\n"u8), charset)).Trim(' ');

    private static string Read(ReadOnlySpan<byte> value, HeaderCharset charset)
    {
        if (Ascii.IsValid(value))
        {
            // An escape may begin Japanese or Korean text of seven bits.
            if (!value.Contains((byte)0x1b))
                return Encoding.ASCII.GetString(value);
            return MailEncoding.Read(charset.Page == CharsetLabels.Iso2022Kr ? charset.Page : CharsetLabels.Unknown, value);
        }

        // A charset that cannot write ASCII is not that of a header.
        var page = MailEncoding.IsAsciiSuperset(charset.Page) ? charset.Page : CharsetLabels.Unknown;
        if (!Utf8Check.IsValid(value))
            return MailEncoding.Read(page, value);
        // Short text in a charset of two bytes a character may be UTF-8 by chance, but not with characters of three bytes.
        if (page == CharsetLabels.Unknown || Utf8Check.HasLongCharacter(value) || Utf8Check.IsOfWords(value)
            || CharsetEncodings.Of(page).IsSingleByte)
            return MailEncoding.Read(CharsetLabels.Utf8, value);
        var text = MailEncoding.Read(page, value);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? MailEncoding.Read(CharsetLabels.Utf8, value) : text;
    }

    /// <summary>The text on one line: a line end before a blank is a fold and goes. Any other control character becomes a space.</summary>
    public static string WithoutControls(string text)
    {
        var first = text.AsSpan().IndexOfAny(Controls);
        if (first < 0)
            return text;
        var line = new StringBuilder(text.Length).Append(text, 0, first);
        for (var at = first; at < text.Length; at++)
        {
            if (!Controls.Contains(text[at]))
                line.Append(text[at]);
            else if (text[at] is not ('\r' or '\n') || at + 1 == text.Length || text[at + 1] is not (' ' or '\t' or '\r' or '\n'))
                line.Append(' ');
        }

        return line.ToString();
    }
}
