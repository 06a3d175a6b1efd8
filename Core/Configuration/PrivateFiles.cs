using System.Runtime.Versioning;
using EmailIngestion.Messages;

namespace EmailIngestion.Configuration;

/// <summary>
/// Creates files and folders with the given permissions, independent of the process's umask. On Windows the folder's access list decides,
/// and the modes are ignored.
/// </summary>
internal static class PrivateFiles
{
    /// <summary>Creates a folder and each missing folder above it. Existing folders keep their permissions.</summary>
    /// <returns>False if the file system does not keep the permissions, as some network shares do.</returns>
    public static bool CreateFolder(string path, UnixFileMode mode)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing.Push(folder);
        var kept = true;
        // One level at a time: CreateDirectory gives the folders above the last one the default permissions.
        foreach (var folder in missing)
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
                continue;
            }

            Directory.CreateDirectory(folder, mode & UnixMode.OwnersFolder);
            kept &= HasOrTakes(folder, mode);
        }

        return kept;
    }

    /// <summary>Creates and opens a new file. Other users cannot open it before it has its permissions.</summary>
    /// <exception cref="IOException">The file exists already.</exception>
    public static (FileStream File, bool KeepsMode) Create(string path, UnixFileMode mode, bool useAsync = false)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 1,
            Options = useAsync ? FileOptions.Asynchronous : FileOptions.None,
        };
        if (OperatingSystem.IsWindows())
            return (new FileStream(path, options), true);
        options.UnixCreateMode = mode & UnixMode.OwnersFile;
        var file = new FileStream(path, options);
        try
        {
            return (file, HasOrTakes(path, mode));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the folder can be written: creates a file in it and deletes the file.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write into the folder.</exception>
    public static void Try(string folder)
    {
        var probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        using (var file = Create(probe, UnixMode.OwnersFile).File)
            file.WriteByte(0);
        File.Delete(probe);
    }

    /// <summary>Describes why a file or a folder could not be used, as a sentence.</summary>
    public static string Reason(Exception error) =>
        error is UnauthorizedAccessException ? "this user has no permission." : BoundedText.Line(error.Message);

    /// <summary>Writes a file that only its owner can read. It writes a temporary file and renames it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = Create(temporary, UnixMode.OwnersFile).File)
                file.Write(content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Some network shares, such as SMB, do not allow a change of permissions. The file is written all the same.
    [UnsupportedOSPlatform("windows")]
    private static bool HasOrTakes(string path, UnixFileMode mode)
    {
        try
        {
            if (File.GetUnixFileMode(path) != mode)
                File.SetUnixFileMode(path, mode);
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
