using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EmailIngestion.Configuration;

namespace EmailIngestion.Mailboxes.Probing;

/// <summary>Probes the way to a mail server: its name, its port and its certificate.</summary>
internal sealed class ServerProbe(MailboxOptions options, TimeProvider time)
{
    private const int MostNames = 5;

    public async Task<(IPAddress[] Addresses, string Text)> ResolveAsync(CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(options.Host, cancellationToken);
        return (addresses, $"{options.Host} has {Join(addresses.Select(address => address.ToString()))}");
    }

    public async Task<(Socket Socket, string Text)> ConnectAsync(IPAddress[] addresses, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(addresses, options.EffectivePort, cancellationToken);
            return (socket, $"connected to {socket.RemoteEndPoint} in {time.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="ProbeFailedException">The certificate is not accepted; the text describes it too.</exception>
    public async Task<string> HandshakeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var trust = new ServerTrust(options.CertificateAuthority, "Host");
        var shown = "";
        await using var network = new NetworkStream(socket, ownsSocket: false);
        await using var tls = new SslStream(network, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.Host,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        shown = certificate is null ? "" : Describe(certificate);
                        return trust.Accepts(certificate, chain, errors);
                    },
                },
                cancellationToken);
            return $"{tls.SslProtocol}; {shown}";
        }
        catch (AuthenticationException e)
        {
            var reason = trust.Refusal ?? e.Message;
            throw new ProbeFailedException(shown.Length > 0 ? $"the certificate is not accepted: {reason} It is {shown}" : reason, e);
        }
    }

    private static string Describe(X509Certificate certificate)
    {
        using var read = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        var names = read.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(one => one.ToString())))
            .DefaultIfEmpty(read.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"a certificate for {Join(names)}, valid from {read.NotBefore.ToUniversalTime():yyyy-MM-dd} until "
                + $"{read.NotAfter.ToUniversalTime():yyyy-MM-dd}, issued by {read.GetNameInfo(X509NameType.SimpleName, forIssuer: true)}");
    }

    private static string Join(IEnumerable<string> texts)
    {
        var all = texts.ToArray();
        return string.Join(", ", all.Take(MostNames)) + (all.Length > MostNames ? $" and {all.Length - MostNames} more" : "");
    }
}
