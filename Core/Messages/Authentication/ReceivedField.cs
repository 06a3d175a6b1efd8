using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.Messages.Authentication;

/// <summary>Reads where a Received field says that an email came from.</summary>
internal static class ReceivedField
{
    private const int MaxBytes = 4 * 1024;

    /// <summary>
    /// Whether the email may have come from outside of the receiving system: a public address is named, or none at all. The server itself
    /// writes the address of its client. Hops within a system name private addresses, no client, or LMTP.
    /// </summary>
    public static bool IsFromOutside(ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value[..Math.Min(value.Length, MaxBytes)]);
        var words = text.Split([' ', '\t', '\r', '\n', '(', ')', '[', ']', ';', ','], StringSplitOptions.RemoveEmptyEntries);
        var hasPrivate = false;
        foreach (var word in words)
        {
            if (AddressOf(word) is not { } address)
                continue;
            if (!IsPrivate(address))
                return true;
            hasPrivate = true;
        }

        return !hasPrivate && words is ["from" or "From", ..] && !words.Any(word => word.StartsWith("LMTP", StringComparison.Ordinal));
    }

    private static IPAddress? AddressOf(string word)
    {
        if (word.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            word = word[5..];
        // A number alone would be an address too, and a time has two colons.
        var isAddress = word.Count(character => character == '.') == 3 || word.Count(character => character == ':') > 1;
        return isAddress && IPAddress.TryParse(word, out var address) ? address : null;
    }

    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address))
            return true;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Google's hops have addresses of 6to4 (2002::/16) that contain a private one.
            return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
                || (bytes is [0x20, 0x02, ..] && IsPrivate(new IPAddress(bytes.AsSpan(2, 4))));
        }

        return bytes is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..];
    }
}
