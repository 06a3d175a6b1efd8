using System.Net;

namespace EmailIngestion.Configuration;

/// <summary>Says whether an address is on this machine, so that plain http to it does not leave the machine.</summary>
internal static class ThisMachine
{
    public static bool Has(Uri url) =>
        url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
