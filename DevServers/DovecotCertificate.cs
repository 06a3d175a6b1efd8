using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.DevServers;

/// <summary>Makes a certificate authority and a server certificate for <c>localhost</c> and 127.0.0.1.</summary>
internal static class DovecotCertificate
{
    public const string AuthorityFile = "ca.pem";
    public const string CertificateFile = "server.pem";
    public const string KeyFile = "server-key.pem";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Writes the files if the folder has none, so that clients trust the same authority after a restart.</summary>
    public static void Ensure(string folder, TimeProvider time)
    {
        if (File.Exists(Path.Combine(folder, KeyFile))) return;
        var from = time.GetUtcNow().AddDays(-1);
        var to = from.AddYears(5);

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Email Ingestion demo authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(key, authority).Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(Path.Combine(folder, AuthorityFile), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, CertificateFile), certificate.ExportCertificatePem());

        // The private key comes last, because its presence means that all files exist. Only its owner can read it.
        using var file = new FileStream(Path.Combine(folder, KeyFile), Private());
        using var writer = new StreamWriter(file);
        writer.Write(key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Request(ECDsa key, X509Certificate2 authority)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static FileStreamOptions Private()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
