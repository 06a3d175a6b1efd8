using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Mailboxes;

/// <summary>Whether a mail server's certificate is accepted: by the system's authorities, or by one of the mailbox's own.</summary>
/// <param name="authority">A file of further authorities (PEM); null or empty: none.</param>
internal sealed class ServerTrust(string? authority)
{
    /// <summary>Why the last certificate was refused; null when none was.</summary>
    public string? Refusal { get; private set; }

    public bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "there is none."
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another name than Host."
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
        custom.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        if (chain is not null)
            custom.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return custom.Build(leaf) ? null : Reason(custom);
    }

    private static string Reason(X509Chain? chain) =>
        chain?.ChainStatus.Select(status => $"{status.StatusInformation.Trim().TrimEnd('.')} ({status.Status}).").FirstOrDefault() ?? "it cannot be checked.";
}
