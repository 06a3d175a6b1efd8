using EmailIngestion.Configuration;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>Validates section <c>Streams</c>.</summary>
internal sealed class StreamOptionsRules : IValidateOptions<StreamOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        foreach (var partition in options.Partitions)
        {
            if (!StreamKeys.IsPartitionName(partition))
            {
                return ValidateOptionsResult.Fail(
                    $"Streams:Partitions has '{partition}': a partition's name is 1 to 64 letters, digits, '-', '_' or '.'.");
            }
        }

        if (options.Partitions.Distinct(StringComparer.Ordinal).Count() != options.Partitions.Count)
            return ValidateOptionsResult.Fail($"Streams:Partitions names a partition twice: {string.Join(", ", options.Partitions)}.");

        try
        {
            // The attribute reports a missing one.
            if (options.ConnectionString.Length == 0)
                return ValidateOptionsResult.Success;
            var configuration = options.Redis.Configuration();
            if (configuration.EndPoints.Count == 0)
                return ValidateOptionsResult.Fail("Streams:ConnectionString names no server: it must begin with host:port.");
            var fault = SentinelFault(options, configuration.ServiceName) ?? RedisSignInRules.Fault(options, configuration)
                ?? TlsFault(options, configuration.Ssl);
            return fault is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(fault);
        }
        catch (ArgumentException e)
        {
            // The parser's message quotes only the unknown option, never the password.
            return ValidateOptionsResult.Fail($"Streams:ConnectionString cannot be read: {e.Message}");
        }
    }

    private static string? SentinelFault(StreamOptions options, string? service)
    {
        if (!string.IsNullOrEmpty(service) || (options.SentinelUser ?? "").Length + (options.SentinelPassword ?? "").Length == 0)
            return null;
        var setting = options.SentinelPassword is { Length: > 0 } ? "SentinelPassword" : "SentinelUser";
        return $"Streams:{setting} is set, and Streams:ConnectionString names no Sentinels (serviceName=).";
    }

    private static string? TlsFault(StreamOptions options, bool tls)
    {
        var authority = options.CertificateAuthority ?? "";
        var certificate = options.ClientCertificate ?? "";
        var key = options.ClientCertificateKey ?? "";
        if (key.Length > 0 && certificate.Length == 0)
            return "Streams:ClientCertificateKey is set and Streams:ClientCertificate is not.";
        // Without TLS the certificates would be ignored and the connection would be plain text.
        if (!tls && authority.Length + certificate.Length > 0)
        {
            var setting = authority.Length > 0 ? "CertificateAuthority" : "ClientCertificate";
            return $"Streams:{setting} is set, and Streams:ConnectionString has no ssl=true.";
        }

        if (authority.Length > 0 && PemFile.AuthorityFault(authority) is { } authorityFault)
            return $"Streams:CertificateAuthority {authorityFault}";
        if (key.Length > 0 && !File.Exists(key))
            return $"Streams:ClientCertificateKey is {key}, and there is no such file.";
        return certificate.Length > 0 && PemFile.KeyFault(certificate, key) is { } keyFault
            ? $"Streams:ClientCertificate {keyFault}"
            : null;
    }
}
