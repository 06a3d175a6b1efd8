using System.Text;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>
/// Computes the slot of a key by the Redis Cluster specification: CRC16 (XMODEM) of the tag in the first braces, else of the whole key.
/// </summary>
internal static class HashSlot
{
    public static int Of(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : key.IndexOf('}', open + 1);
        return Crc16(Encoding.UTF8.GetBytes(close > open + 1 ? key[(open + 1)..close] : key)) % 16_384;
    }

    public static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
        }

        return crc;
    }
}
