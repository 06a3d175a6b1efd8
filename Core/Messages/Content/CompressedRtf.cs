using System.Buffers.Binary;
using System.Text;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Decodes the compressed RTF of TNEF (MS-OXRTFCP). MimeKit's decoder believes the sizes in the header and allocates as much; this one
/// takes no more than the bytes can give.
/// </summary>
internal static class CompressedRtf
{
    private const int HeaderLength = 16;
    private const int Compressed = 0x75465a4c;
    private const int Uncompressed = 0x414c454d;
    private const int MaxLength = 64 * 1024 * 1024;
    private const int Window = 4_096;

    // Two bytes give at most 17.
    private const int MaxRatio = 9;

    // The window begins with what most RTF has.
    private static readonly byte[] Start = Encoding.ASCII.GetBytes(
        @"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
        + @"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + "\r\n"
        + @"\par \pard\plain\f0\fs20\b\i\u\tab\tx");

    /// <summary>Whether bytes have a header that can be true, and a text of at most 64 MiB.</summary>
    public static bool IsValid(ReadOnlySpan<byte> bytes) => bytes.Length > HeaderLength
        && BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is Compressed or Uncompressed
        && Length(bytes) is > 0 and <= MaxLength;

    public static byte[] Decode(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(Length(bytes), (long)bytes.Length * MaxRatio);
        var data = bytes[HeaderLength..];
        return BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) == Uncompressed
            ? data[..Math.Min(length, data.Length)].ToArray()
            : Expand(data, length);
    }

    private static byte[] Expand(ReadOnlySpan<byte> data, int length)
    {
        var window = new byte[Window];
        Start.CopyTo(window, 0);
        var (at, written, next) = (0, 0, Start.Length);
        var text = new byte[length];
        while (at < data.Length && written < length)
        {
            var flags = data[at++];
            for (var bit = 0; bit < 8 && at < data.Length && written < length; bit++)
            {
                if ((flags & (1 << bit)) == 0)
                {
                    Write(data[at++]);
                    continue;
                }

                if (at + 1 >= data.Length)
                    return text[..written];
                var from = (data[at] << 4) | (data[at + 1] >> 4);
                var count = (data[at + 1] & 0xf) + 2;
                at += 2;
                // A reference to the place of the next byte ends the text.
                if (from == next)
                    return text[..written];
                for (; count > 0 && written < length; count--)
                    Write(window[from++ % Window]);
            }
        }

        return text[..written];

        void Write(byte value)
        {
            text[written++] = window[next] = value;
            next = (next + 1) % Window;
        }
    }

    private static int Length(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
}
