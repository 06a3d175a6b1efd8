using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>The name of this process in the consumer group.</summary>
internal sealed class ConsumerName
{
    public ConsumerName(IOptions<ConsumerOptions> options)
    {
        var nonce = RandomNumberGenerator.GetHexString(8, lowercase: true);
        Value = options.Value.Name ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{nonce}");
        Process = options.Value.Name is null ? null : nonce;
    }

    /// <summary>The configured name, or the host's name with a nonce: two processes on one host are two consumers.</summary>
    public string Value { get; }

    /// <summary>The nonce of this process, appended to a configured name; null when the name contains it already.</summary>
    public string? Process { get; }
}
