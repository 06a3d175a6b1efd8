using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>This process's name in the group.</summary>
internal sealed class ConsumerName
{
    public ConsumerName(IOptions<ConsumerOptions> options)
    {
        var nonce = RandomNumberGenerator.GetHexString(8, lowercase: true);
        Value = options.Value.Name ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{nonce}");
        Process = options.Value.Name is null ? null : nonce;
    }

    /// <summary>As set, else the host's name and a nonce: two starts on one host are two consumers.</summary>
    public string Value { get; }

    /// <summary>The nonce of this process, which follows a name that was set; null when the name has it already.</summary>
    public string? Process { get; }
}
