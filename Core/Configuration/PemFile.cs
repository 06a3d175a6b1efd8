using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Configuration;

/// <summary>Reads the certificate files that settings name.</summary>
internal static class PemFile
{
    /// <summary>Reads a certificate with its private key.</summary>
    /// <param name="certificate">The file of the certificate (PEM).</param>
    /// <param name="key">The file of the unencrypted key; null or empty: the key is in the certificate's file.</param>
    public static X509Certificate2 WithKey(string certificate, string? key)
    {
        var result = X509Certificate2.CreateFromPemFile(certificate, string.IsNullOrEmpty(key) ? null : key);
        if (!OperatingSystem.IsWindows())
            return result;
        // Windows does not present a certificate whose key exists only in memory.
        using (result)
            return X509CertificateLoader.LoadPkcs12(result.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>
    /// Returns the fault of a file of certificate authorities, to follow the setting's name in a sentence; null if it is valid.
    /// </summary>
    public static string? AuthorityFault(string file) => Fault(file, () =>
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count == 0 ? $"is {file}, which has no certificate (PEM)." : null;
    });

    /// <summary>Returns the fault of a certificate with its key, in the same form; null if it is valid.</summary>
    public static string? KeyFault(string certificate, string? key) => Fault(certificate, () =>
    {
        WithKey(certificate, key).Dispose();
        return null;
    });

    private static string? Fault(string file, Func<string?> read)
    {
        if (!File.Exists(file))
            return $"is {file}, but there is no such file.";
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
