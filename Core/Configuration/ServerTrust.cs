using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Configuration;

/// <summary>
/// Decides whether a server's certificate is accepted: by the system's authorities or by configured ones. The name is always checked.
/// </summary>
/// <param name="authority">
/// A file of further authorities (PEM); null or empty: none. It is read for each connection, so that it can be replaced.
/// </param>
/// <param name="name">The expected name of the certificate, as the refusal says it.</param>
internal sealed class ServerTrust(string? authority, string name)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Why the last certificate was refused; null if it was accepted.</summary>
    public string? Refusal { get; private set; }

    public bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "the server has none."
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"it is for another name than {name}."
            : errors == SslPolicyErrors.None ? null
            : string.IsNullOrEmpty(authority) ? Reason(chain)
            : CheckByAuthority(certificate, chain, authority);
        return Refusal is null;
    }

    private static string? CheckByAuthority(X509Certificate certificate, X509Chain? chain, string authority)
    {
        using var custom = new X509Chain();
        custom.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        custom.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        custom.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        custom.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        if (chain is not null)
            custom.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return custom.Build(leaf) ? null : Reason(custom);
    }

    private static string Reason(X509Chain? chain) =>
        chain?.ChainStatus.Select(status => $"{status.StatusInformation.Trim().TrimEnd('.')} ({status.Status}).").FirstOrDefault()
        ?? "it cannot be checked.";
}
