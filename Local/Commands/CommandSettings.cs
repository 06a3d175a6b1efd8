using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands;

/// <summary>The settings of a command, after its flags.</summary>
/// <param name="Settings">The settings of file, environment and flags.</param>
/// <param name="DataFolder">The folder of the keys, the archive and Local's own Redis.</param>
internal sealed record CommandSettings(LocalSettings Settings, string DataFolder)
{
    /// <summary>Checks the port, and the folder if the process writes there, so that they do not end a start half way.</summary>
    /// <exception cref="StartException">The port is in use, or the folder cannot be written.</exception>
    public void CheckPlaces(int? port, bool startsRedis)
    {
        HttpPort.Check(Settings[LocalHost.AddressSetting], port);
        if (port is not null || startsRedis)
            Hosting.DataFolder.Require(DataFolder);
    }
}
