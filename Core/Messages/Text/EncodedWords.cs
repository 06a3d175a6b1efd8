using System.Buffers;
using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>
/// Decodes the encoded words of a header value. Adjacent words of one charset are decoded as one text, since some programs split a
/// character over two of them. Its time is linear.
/// </summary>
internal sealed class EncodedWords
{
    private readonly StringBuilder _text;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _page;
    private int _bits;
    private int _bitCount;

    private EncodedWords(int length) => _text = new StringBuilder(length);

    /// <summary>Returns the same string when it has no encoded word.</summary>
    public static string Decode(string value) =>
        value.Contains("=?", StringComparison.Ordinal) ? new EncodedWords(value.Length).Read(value) : value;

    private string Read(string value)
    {
        var (plain, close, isAfterWord) = (0, -1, false);
        for (var at = 0; value.IndexOf("=?", at, StringComparison.Ordinal) is >= 0 and var start;)
        {
            if (EncodedWord.Read(value, start, ref close) is not { } word)
            {
                at = start + 1;
                continue;
            }

            var between = value.AsSpan(plain..start);
            // Blanks between two words are not part of the text.
            if (!isAfterWord || !between.IsWhiteSpace())
            {
                Flush();
                _text.Append(between);
            }

            if (word.Page != _page)
                Flush();
            _page = word.Page;
            if (word.IsBase64)
                AddBase64(value.AsSpan(word.Text));
            else
                AddQuoted(value.AsSpan(word.Text));
            (plain, at, isAfterWord) = (word.End, word.End, true);
        }

        Flush();
        return _text.Append(value, plain, value.Length - plain).ToString();
    }

    private void Flush()
    {
        if (_bytes.WrittenCount > 0)
            _text.Append(MailEncoding.Read(_page, _bytes.WrittenSpan));
        _bytes.ResetWrittenCount();
        (_bits, _bitCount) = (0, 0);
    }

    // Bits that are left after a word belong to the next one if they are not zero: some programs split base64 anywhere.
    private void AddBase64(ReadOnlySpan<char> text)
    {
        if (_bits == 0)
            _bitCount = 0;
        foreach (var character in text)
        {
            if (character == '=')
                (_bits, _bitCount) = (0, 0);
            if (Sextet(character) is not (>= 0 and var sextet))
                continue;
            (_bits, _bitCount) = ((_bits << 6) | sextet, _bitCount + 6);
            if (_bitCount < 8)
                continue;
            _bitCount -= 8;
            Add((byte)(_bits >> _bitCount));
            _bits &= (1 << _bitCount) - 1;
        }
    }

    private static int Sextet(char character) => character switch
    {
        >= 'A' and <= 'Z' => character - 'A',
        >= 'a' and <= 'z' => character - 'a' + 26,
        >= '0' and <= '9' => character - '0' + 52,
        '+' or '-' => 62,
        '/' or '_' => 63,
        _ => -1,
    };

    private void AddQuoted(ReadOnlySpan<char> text)
    {
        (_bits, _bitCount) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if (character == '_')
            {
                Add((byte)' ');
            }
            else if (character == '=' && at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                Add((byte)((Hex(text[at + 1]) << 4) | Hex(text[at + 2])));
                at += 2;
            }
            else if (char.IsAscii(character))
            {
                Add((byte)character);
            }
            else
            {
                // Raw text within the word has been decoded already.
                Flush();
                _text.Append(character);
            }
        }
    }

    private static int Hex(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private void Add(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
