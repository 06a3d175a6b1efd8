using System.Net;

namespace EmailIngestion.Configuration;

/// <summary>Says whether an address is on this machine, so that what is sent to it does not leave the machine.</summary>
internal static class ThisMachine
{
    public static bool Has(Uri url) => IsName(url.IdnHost) || IsAddress(url.DnsSafeHost);

    public static bool Has(string host) => IsName(host) || IsAddress(host);

    private static bool IsName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(string host) => IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);
}
