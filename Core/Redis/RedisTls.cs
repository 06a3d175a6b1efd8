using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EmailIngestion.Configuration;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// Sets up TLS to Redis and its Sentinels when the connection string asks for it. The client library's own <c>TrustIssuer</c> takes one
/// authority and does not report why it rejects a certificate.
/// </summary>
internal static class RedisTls
{
    public static void Apply(RedisSettings settings, ConfigurationOptions configuration)
    {
        if (!configuration.Ssl)
            return;
        configuration.CertificateValidation += (sender, certificate, chain, errors) =>
            Check(settings.CertificateAuthority, sender, certificate, chain, errors);
        if (settings.ClientCertificate is { Length: > 0 } file)
            configuration.CertificateSelection += (_, _, _, _, _) => PemFile.WithKey(file, settings.ClientCertificateKey);
    }

    // It throws instead of returning false, so that the error has the reason.
    private static bool Check(string? authority, object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var host = (sender as SslStream)?.TargetHostName;
        var trust = new ServerTrust(authority, $"'{host}', the server's or sslHost= in Streams:ConnectionString");
        if (trust.Accepts(certificate, chain, errors))
            return true;
        var trusted = string.IsNullOrEmpty(authority) ? "is not set" : $"is {authority}";
        throw new AuthenticationException(
            $"The certificate of Redis at {host} is not accepted: {trust.Refusal} Streams:CertificateAuthority {trusted}.");
    }
}
