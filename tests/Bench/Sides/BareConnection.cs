using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Bench.Sides;

/// <summary>Connects a bare peer to a server on 127.0.0.1.</summary>
internal static class BareConnection
{
    private const string Host = "127.0.0.1";

    /// <param name="port">The server's port.</param>
    /// <param name="authority">The PEM file of the certificate authority that TLS trusts; null or empty: no TLS.</param>
    public static Stream Connect(int port, string? authority)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(Host, port);
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (string.IsNullOrEmpty(authority))
            return plain;
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(authority);
        var tls = new SslStream(plain);
        tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = trust });
        return tls;
    }
}
