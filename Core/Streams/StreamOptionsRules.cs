using EmailIngestion.Configuration;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

internal sealed class StreamOptionsRules : IValidateOptions<StreamOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        foreach (var partition in options.Partitions)
        {
            if (!StreamKeys.IsPartitionName(partition))
                return ValidateOptionsResult.Fail(
                    $"Streams:Partitions has '{partition}': a partition's name is 1 to 64 letters, digits, '-', '_' or '.'.");
        }

        if (options.Partitions.Distinct(StringComparer.Ordinal).Count() != options.Partitions.Count)
            return ValidateOptionsResult.Fail($"Streams:Partitions names a partition twice: {string.Join(", ", options.Partitions)}.");

        try
        {
            // One that is missing is told of by its attribute.
            if (options.ConnectionString.Length == 0)
                return ValidateOptionsResult.Success;
            var configuration = options.Redis.Configuration();
            return configuration.EndPoints.Count == 0 ? ValidateOptionsResult.Fail("Streams:ConnectionString names no server: it begins with host:port.")
                : (SentinelFault(options, configuration.ServiceName) ?? TlsFault(options, configuration.Ssl)) is { } fault ? ValidateOptionsResult.Fail(fault)
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            // The parser's message quotes only the option it does not know, never the password.
            return ValidateOptionsResult.Fail($"Streams:ConnectionString cannot be read: {e.Message}");
        }
    }

    private static string? SentinelFault(StreamOptions options, string? service) =>
        string.IsNullOrEmpty(service) && (options.SentinelUser ?? "").Length + (options.SentinelPassword ?? "").Length > 0
            ? $"Streams:{(options.SentinelPassword is { Length: > 0 } ? "SentinelPassword" : "SentinelUser")} is set, and Streams:ConnectionString names no Sentinels (serviceName=)."
            : null;

    private static string? TlsFault(StreamOptions options, bool tls)
    {
        var (authority, certificate, key) = (options.CertificateAuthority ?? "", options.ClientCertificate ?? "", options.ClientCertificateKey ?? "");
        if (key.Length > 0 && certificate.Length == 0)
            return "Streams:ClientCertificateKey is set and Streams:ClientCertificate is not.";
        // It would be plain text all the same.
        if (!tls && authority.Length + certificate.Length > 0)
            return $"Streams:{(authority.Length > 0 ? "CertificateAuthority" : "ClientCertificate")} is set, and Streams:ConnectionString has no ssl=true.";
        if (authority.Length > 0 && PemFile.AuthorityFault(authority) is { } untrusted)
            return $"Streams:CertificateAuthority {untrusted}";
        if (key.Length > 0 && !File.Exists(key))
            return $"Streams:ClientCertificateKey is {key}, and there is no such file.";
        return certificate.Length > 0 && PemFile.KeyFault(certificate, key) is { } unshown ? $"Streams:ClientCertificate {unshown}" : null;
    }
}
