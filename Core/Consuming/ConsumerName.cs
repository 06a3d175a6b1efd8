using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>This process's name in the group.</summary>
internal sealed class ConsumerName(IOptions<ConsumerOptions> options)
{
    /// <summary>As set, else the host's name and a nonce: two starts on one host are two consumers.</summary>
    public string Value { get; } = options.Value.Name
        ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
}
