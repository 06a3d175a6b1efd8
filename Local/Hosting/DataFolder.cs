using EmailIngestion.Configuration;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>The folder of keys, archive and Redis's data. What is created in it is its owner's alone; what existed before may not be.</summary>
internal static class DataFolder
{
    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder if it is missing, and tries to write into it.</summary>
    /// <exception cref="StartException">It cannot be written.</exception>
    public static void Require(string folder)
    {
        try
        {
            PrivateFiles.CreateFolder(folder, UnixMode.OwnersFolder);
            PrivateFiles.Try(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"The data folder {Path.GetFullPath(folder)} cannot be written: {PrivateFiles.Reason(e)} "
                + "Mend that, or give another folder (--data).");
        }
    }

    /// <summary>
    /// Warns of a folder that other users enter, and of files with keys or passwords that they read. Nothing is changed: somebody may have
    /// wanted it so.
    /// </summary>
    public static void Check(string folder, IEnumerable<string?> secretFiles, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
            return;
        if (Directory.Exists(folder))
            Warn(folder, File.GetUnixFileMode(folder), Everybody, logger);
        foreach (var file in secretFiles.OfType<string>().Where(File.Exists))
            Warn(file, File.GetUnixFileMode(file), UnixMode.Others, logger);
    }

    private static void Warn(string path, UnixFileMode mode, UnixFileMode unwanted, ILogger logger)
    {
        if ((mode & unwanted) != 0)
            Log.ReadableByOthers(logger, Path.GetFullPath(path), UnixMode.Text(mode));
    }
}
