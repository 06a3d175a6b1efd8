using EmailIngestion.Configuration;

namespace EmailIngestion.DevServers;

/// <summary>The data folder of a server: a given folder, which stays, or a temporary one, which dispose removes.</summary>
internal sealed class ServerFolder : IDisposable
{
    private readonly bool ours;

    public ServerFolder(string? given, string prefix)
    {
        ours = given is null;
        FullPath = given is null ? Temporary(prefix) : Directory.CreateDirectory(given).FullName;
    }

    public string FullPath { get; }

    public void Dispose()
    {
        if (ours && Directory.Exists(FullPath)) Directory.Delete(FullPath, recursive: true);
    }

    private static string Temporary(string prefix)
    {
        // Dovecot creates sockets here, and the path of a socket is limited to 108 bytes (104 on macOS).
        const int longest = 50;
        if (Path.GetTempPath().Length <= longest) return Directory.CreateTempSubdirectory(prefix).FullName;
        var path = $"/tmp/{prefix}{Guid.NewGuid():N}";
        PrivateFiles.CreateFolder(path, UnixMode.OwnersFolder);
        return path;
    }
}
