using EmailIngestion.Configuration;

namespace EmailIngestion.DevServers;

/// <summary>Where a server keeps its data: a given folder, which stays, or a new one that is removed with the server.</summary>
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
        // Dovecot puts sockets here, and the path of a socket is limited to 108 bytes (104 on macOS).
        const int longest = 50;
        if (Path.GetTempPath().Length <= longest) return Directory.CreateTempSubdirectory(prefix).FullName;
        var path = $"/tmp/{prefix}{Guid.NewGuid():N}";
        PrivateFiles.CreateFolder(path, UnixMode.OwnersFolder);
        return path;
    }
}
