using System.Net;
using System.Net.Sockets;
using EmailIngestion.Configuration;

namespace EmailIngestion.Local.Hosting;

/// <summary>Tries the HTTP port before anything else starts, so that a port in use does not end a start half way.</summary>
internal static class HttpPort
{
    /// <param name="address">The setting <c>Local:Address</c>.</param>
    /// <param name="port">The port; with 0 or null there is nothing to try.</param>
    /// <exception cref="StartException">The port or the address cannot be used.</exception>
    public static void Check(string? address, int? port)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
            throw new StartException($"--port is {port}: it must be between 0, which is any free port, and {IPEndPoint.MaxPort}.");
        if (port is null or 0)
            return;
        foreach (var one in Addresses(address))
            Try(one, port.Value, isGiven: !string.IsNullOrEmpty(address));
    }

    // As the listener reads the setting. It also refuses what is not an address.
    private static IEnumerable<IPAddress> Addresses(string? address) => address switch
    {
        null or "" => [IPAddress.Loopback, IPAddress.IPv6Loopback],
        "*" => [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any],
        _ => IPAddress.TryParse(address, out var one) ? [one] : [],
    };

    private static void Try(IPAddress address, int port, bool isGiven)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartException(
                $"Port {port} is in use by another process ({address}): stop that process, or choose another port (--port).");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new StartException($"This user may not listen on port {port}: choose one from 1024 on (--port).");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable && isGiven)
        {
            throw new StartException($"{LocalHost.AddressSetting} is '{address}', which is not an address of this machine.");
        }
        catch (SocketException)
        {
            // No IPv6, for example: the listener uses the other address, or reports the error.
        }
    }
}
