using EmailIngestion.Configuration;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// The folder of the keys, the archive and Redis's data. New files in it are accessible to their owner only; older files may not be.
/// </summary>
internal static class DataFolder
{
    private const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder if it is missing, and tries a write.</summary>
    /// <exception cref="StartException">The folder cannot be written.</exception>
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
                + "Correct that, or give another folder (--data).");
        }
    }

    /// <summary>
    /// Warns of a folder that other users can enter, and of files with keys or passwords that they can read. It changes nothing, because
    /// the permissions may be intended.
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
