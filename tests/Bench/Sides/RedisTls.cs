using System.Globalization;

namespace EmailIngestion.Bench.Sides;

/// <summary>Where Redis answers over TLS.</summary>
/// <param name="Port">The port on 127.0.0.1.</param>
/// <param name="Authority">The PEM file of the certificate authority.</param>
internal sealed record RedisTls(int Port, string Authority)
{
    /// <summary>Reads the last arguments of a side; null when there are none: the side uses no TLS.</summary>
    public static RedisTls? Of(string[] arguments) =>
        arguments is [var port, var authority] ? new RedisTls(int.Parse(port, CultureInfo.InvariantCulture), authority) : null;

    /// <summary>The product's settings.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Streams:ConnectionString"] = $"127.0.0.1:{Port},ssl=true",
        ["Streams:CertificateAuthority"] = Authority,
    };
}
