using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The certificate authority of one test, with files of the certificates that it issues.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("authority-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddDays(-1);

    public TestAuthority()
    {
        var request = new CertificateRequest($"CN=Authority {Guid.NewGuid():N}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(_from, _from.AddDays(10));
        File = Path.Combine(_folder, "ca.pem");
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    /// <summary>The certificate of the authority.</summary>
    public string File { get; }

    /// <summary>
    /// Issues a server certificate for 127.0.0.1 or for a host name. It is a client certificate too, because the nodes of a Cluster are
    /// clients of each other.
    /// </summary>
    public (string Certificate, string Key) Server(string name = "127.0.0.1") => Give(name, ServerAuthentication, ClientAuthentication);

    public (string Certificate, string Key) Client() => Give("client", ClientAuthentication);

    /// <summary>Creates a client that trusts only the authority of this file.</summary>
    public static HttpClient Client(string file)
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private (string Certificate, string Key) Give(string name, params string[] purposes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_certificate, _from, _from.AddDays(10), RandomNumberGenerator.GetBytes(16));
        var files = (Path.Combine(_folder, $"{Guid.NewGuid():N}.pem"), Path.Combine(_folder, $"{Guid.NewGuid():N}.key"));
        System.IO.File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
