using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Configuration;

/// <summary>Certificates in files, as settings name them.</summary>
internal static class PemFile
{
    /// <summary>A certificate with its private key.</summary>
    /// <param name="certificate">The certificate's file.</param>
    /// <param name="key">The key's, not encrypted; null or empty: the certificate's has it too.</param>
    public static X509Certificate2 WithKey(string certificate, string? key)
    {
        var result = X509Certificate2.CreateFromPemFile(certificate, string.IsNullOrEmpty(key) ? null : key);
        if (!OperatingSystem.IsWindows())
            return result;
        // Windows shows nobody a certificate whose key is in memory alone.
        using (result)
            return X509CertificateLoader.LoadPkcs12(result.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>What is wrong with a file of authorities, for a sentence that begins with the setting's name; null when nothing is.</summary>
    public static string? AuthorityFault(string file) => Fault(file, () =>
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count == 0 ? $"is {file}, which has no certificate (PEM)." : null;
    });

    /// <summary>Likewise of a certificate with its key.</summary>
    public static string? KeyFault(string certificate, string? key) => Fault(certificate, () =>
    {
        WithKey(certificate, key).Dispose();
        return null;
    });

    private static string? Fault(string file, Func<string?> read)
    {
        if (!File.Exists(file))
            return $"is {file}, and there is no such file.";
        try
        {
            return read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return $"is {file}, which cannot be read: {e.Message.ReplaceLineEndings(" ")}";
        }
    }
}
