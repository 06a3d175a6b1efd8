using System.Globalization;
using System.Security.Cryptography;

namespace EmailIngestion.Operations.Jobs;

/// <summary>The name by which this process takes jobs.</summary>
internal sealed class JobProcess
{
    /// <summary>The host's name, the process ID and a nonce: containers of several hosts may share both of the former.</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
}
