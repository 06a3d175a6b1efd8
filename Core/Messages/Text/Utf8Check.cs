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
