using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace EmailIngestion.Messages.Text;

/// <summary>Tells whether bytes are UTF-8. A character that the end of the bytes cuts is not wrong.</summary>
internal static class Utf8Check
{
    // The broken sequences after which a text is judged. A text with so many is no longer read to its end.
    private const int Enough = 1_000;

    /// <summary>Whether all of it is UTF-8.</summary>
    public static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        var whole = Whole(bytes);
        // A single lead byte at the end of ASCII is a character of another charset.
        return Utf8.IsValid(whole) && (whole.Length == bytes.Length || !Ascii.IsValid(whole));
    }

    /// <summary>Whether there is a character of three or four bytes. Chinese, Japanese and Korean ones have three.</summary>
    public static bool HasLongCharacter(ReadOnlySpan<byte> utf8) => utf8.ContainsAnyInRange((byte)0xe0, (byte)0xf4);

    /// <summary>
    /// Whether all of it is UTF-8 and cannot be windows-1252: there is a character of three or four bytes, or there are several of two
    /// bytes and all of these begin with "Â" or "Ã" in windows-1252, which no text has so often and only before signs.
    /// </summary>
    public static bool IsCertain(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes) || !IsValid(bytes))
            return false;
        return HasLongCharacter(bytes)
            || (!bytes.ContainsAnyInRange((byte)0xc4, (byte)0xdf) && bytes.Count((byte)0xc2) + bytes.Count((byte)0xc3) > 1);
    }

    /// <summary>Whether each character beyond ASCII is single and beside one of A to Z, as in European words.</summary>
    public static bool IsOfWords(ReadOnlySpan<byte> utf8)
    {
        for (var at = 0; at < utf8.Length; at++)
        {
            if (utf8[at] < 0xc0)
                continue;
            var next = at + 1;
            while (next < utf8.Length && utf8[next] is >= 0x80 and < 0xc0)
                next++;
            var (before, after) = (at > 0 ? utf8[at - 1] : (byte)' ', next < utf8.Length ? utf8[next] : (byte)' ');
            if (before >= 0x80 || after >= 0x80 || !(char.IsAsciiLetter((char)before) || char.IsAsciiLetter((char)after)))
                return false;
        }

        return true;
    }

    /// <summary>Whether at least <paramref name="factor"/> times as many characters beyond ASCII are whole as are broken.</summary>
    public static bool IsMostly(ReadOnlySpan<byte> bytes, int factor)
    {
        if (IsValid(bytes))
            return true;
        bytes = Whole(bytes);
        var (whole, broken) = (0L, 0L);
        while (broken < Enough)
        {
            var next = bytes.IndexOfAnyInRange((byte)0x80, (byte)0xff);
            if (next < 0)
                break;
            bytes = bytes[next..];
            if (Rune.DecodeFromUtf8(bytes, out _, out var length) == OperationStatus.Done)
                whole++;
            else
                broken++;
            bytes = bytes[length..];
        }

        return whole > 0 && whole >= broken * factor;
    }

    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= 3 && back <= bytes.Length; back++)
        {
            var one = bytes[^back];
            if (one is >= 0x80 and < 0xc0)
                continue;
            var needed = one switch { >= 0xf0 and < 0xf5 => 4, >= 0xe0 and < 0xf0 => 3, >= 0xc2 and < 0xe0 => 2, _ => 1 };
            return needed > back ? bytes[..^back] : bytes;
        }

        return bytes;
    }
}
