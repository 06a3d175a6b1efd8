using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>
/// Reads a charset of one byte for each character from a table. A byte without a character becomes U+FFFD. It cannot write.
/// </summary>
internal sealed class SingleByteEncoding : Encoding
{
    private const char Missing = '\uFFFD';

    private readonly char[] _characters;

    private SingleByteEncoding(string name, char[] characters)
    {
        (WebName, _characters) = (name, characters);
    }

    public override string WebName { get; }

    public override bool IsSingleByte => true;

    /// <summary>Makes a charset of the upper 96 characters of an ISO 8859 part.</summary>
    public static SingleByteEncoding Iso8859(int part, string upper)
    {
        var characters = new char[256];
        for (var i = 0; i < characters.Length; i++)
            characters[i] = i < 0xa0 ? (char)i : upper[i - 0xa0];
        return new SingleByteEncoding($"iso-8859-{part}", characters);
    }

    /// <summary>Makes a charset of a code page of .NET, which has private characters for the bytes that have none.</summary>
    public static SingleByteEncoding Of(Encoding page)
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var characters = page.GetChars(bytes);
        for (var i = 0; i < characters.Length; i++)
        {
            // U+F8FF is the apple of the Macintosh charsets.
            if (characters[i] is >= '\uE000' and < '\uF8FF')
                characters[i] = Missing;
        }

        return new SingleByteEncoding(page.WebName, characters);
    }

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => bytes.Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        for (var i = 0; i < bytes.Length; i++)
            chars[i] = _characters[bytes[i]];
        return bytes.Length;
    }

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException("The charset is read only.");

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        throw new NotSupportedException("The charset is read only.");
}
