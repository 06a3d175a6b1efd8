using EmailIngestion.Files;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>The folder of keys, archive and Redis's data. What is created in it is its owner's alone; what existed before may not be.</summary>
internal static class DataFolder
{
    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Warns of a folder that other users enter and of keys that they read. Nothing is changed: somebody may have wanted it so.</summary>
    public static void Check(string folder, string keyFile, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
            return;
        if (Directory.Exists(folder))
            Warn(folder, File.GetUnixFileMode(folder), Everybody, logger);
        if (File.Exists(keyFile))
            Warn(keyFile, File.GetUnixFileMode(keyFile), UnixMode.Others, logger);
    }

    private static void Warn(string path, UnixFileMode mode, UnixFileMode unwanted, ILogger logger)
    {
        if ((mode & unwanted) != 0)
            Log.ReadableByOthers(logger, Path.GetFullPath(path), UnixMode.Text(mode));
    }
}
