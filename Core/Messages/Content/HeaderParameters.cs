using System.Globalization;
using System.Text;
using EmailIngestion.Messages.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Reads parameters of Content-Type and Content-Disposition as mail programs write them: raw bytes, encoded words (RFC 2047) although they
/// are not allowed there, RFC 2231 with and without a charset, blanks without quotes, and quotes within quotes.
/// </summary>
internal static class HeaderParameters
{
    /// <summary>The value of a parameter; null when there is none or it is blank.</summary>
    /// <param name="header">The bytes of the header's value.</param>
    /// <param name="name">The parameter's name in lower case.</param>
    /// <param name="charset">The charset of raw 8-bit text.</param>
    public static string? Read(ReadOnlySpan<byte> header, string name, HeaderCharset charset)
    {
        string? plain = null, extended = null;
        SortedList<int, (byte[] Value, bool IsExtended)>? pieces = null;
        var at = header.IndexOf((byte)';');
        while (at >= 0 && ParameterScanner.Next(header, ref at, out var found, out var value))
        {
            var key = Encoding.Latin1.GetString(found).ToLowerInvariant();
            if (!key.StartsWith(name, StringComparison.Ordinal))
                continue;
            switch (key[name.Length..])
            {
                case "":
                    plain = NotBlank(plain) ?? Text(ParameterScanner.Unquoted(value), charset);
                    break;
                case "*":
                    extended = NotBlank(extended) ?? Extended([(ParameterScanner.Unquoted(value), true)], charset);
                    break;
                case ['*', .. var number] when int.TryParse(number.TrimEnd('*'), NumberStyles.None, null, out var piece):
                    (pieces ??= []).TryAdd(piece, (ParameterScanner.Unquoted(value), number.EndsWith('*')));
                    break;
            }
        }

        return NotBlank(extended) ?? NotBlank(pieces is null ? null : Extended(pieces.Values, charset)) ?? NotBlank(plain);
    }

    private static string? NotBlank(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    // charset'language'percent-encoded text. The first piece has the charset; the charset of a piece without one is guessed.
    private static string Extended(IList<(byte[] Value, bool IsExtended)> pieces, HeaderCharset raw)
    {
        string? charset = null;
        var bytes = new List<byte>();
        for (var i = 0; i < pieces.Count; i++)
        {
            ReadOnlySpan<byte> value = pieces[i].Value;
            if (i == 0 && pieces[i].IsExtended)
                value = WithoutCharset(value, out charset);
            for (var at = 0; at < value.Length; at++)
            {
                var isEncoded = pieces[i].IsExtended && value[at] == (byte)'%' && at + 2 < value.Length
                    && char.IsAsciiHexDigit((char)value[at + 1]) && char.IsAsciiHexDigit((char)value[at + 2]);
                bytes.Add(isEncoded ? (byte)((Hex(value[at + 1]) << 4) | Hex(value[at + 2])) : value[at]);
                at += isEncoded ? 2 : 0;
            }
        }

        var text = bytes.ToArray();
        return charset is null ? Text(text, raw) : HeaderText.WithoutControls(MailEncoding.Read(charset, text));
    }

    private static ReadOnlySpan<byte> WithoutCharset(ReadOnlySpan<byte> value, out string? charset)
    {
        charset = null;
        var first = value.IndexOf((byte)'\'');
        var second = first < 0 ? -1 : value[(first + 1)..].IndexOf((byte)'\'');
        if (second < 0)
            return value;
        var label = Encoding.Latin1.GetString(value[..first]);
        // An apostrophe may be part of a name without a charset.
        if (label.Length > 0 && CharsetLabels.Find(label) == CharsetLabels.Unknown)
            return value;
        charset = label.Length > 0 ? label : null;
        return value[(first + second + 2)..];
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    // Many pieces of a parameter may be longer than what a decoder of encoded words reads in linear time.
    private static string Text(byte[] bytes, HeaderCharset charset)
    {
        if (bytes.Length > FieldCutter.MaxParameter)
            bytes = bytes[..FieldCutter.Keep(bytes, FieldCutter.MaxParameter)];
        return HeaderText.Decode(bytes, charset);
    }
}
