using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Configuration;

namespace EmailIngestion.Local.Hosting;

/// <summary>The folder of Local's own Redis: its data, its socket and its password. Only this user has access.</summary>
internal sealed class OwnRedisFolder(string path)
{
    private const int PasswordBytes = 32;

    // The path of a socket has at most 108 bytes on Linux and 104 on macOS, with the terminating zero.
    private const int LongestSocket = 103;

    private static readonly TimeSpan LockWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TryLockEvery = TimeSpan.FromMilliseconds(50);

    public string Path => path;

    public bool Exists => Directory.Exists(path);

    private string PasswordFile => System.IO.Path.Combine(path, "password");

    // Holds the folder of the socket if the path of this folder is too long for a socket.
    private string ElsewhereFile => System.IO.Path.Combine(path, "socket-folder");

    private string SocketHere => System.IO.Path.Combine(path, "redis.sock");

    /// <summary>Creates the folder, or removes the permissions of other users.</summary>
    /// <exception cref="SettingsException">The folder belongs to another user.</exception>
    public void Prepare()
    {
        PrivateFiles.CreateFolder(path, UnixMode.OwnersFolder);
        if (OperatingSystem.IsWindows())
            return;
        var mode = File.GetUnixFileMode(path);
        Keep(path);
        if ((mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0)
            return;
        // Other users could have written these files. The data stay, because they hold the mail.
        foreach (var file in new[] { PasswordFile, ElsewhereFile, SocketHere })
            File.Delete(file);
    }

    /// <summary>The path of the socket that Redis listens on.</summary>
    public string Socket()
    {
        if (Encoding.UTF8.GetByteCount(SocketHere) <= LongestSocket && !SocketHere.AsSpan().ContainsAny(',', '='))
        {
            Keep(path);
            return SocketHere;
        }

        // The path is too long for a socket, or has characters that a connection string cannot hold.
        var folder = File.Exists(ElsewhereFile) ? File.ReadAllText(ElsewhereFile) : null;
        if (folder is null || !Directory.Exists(folder) || !IsOurs(folder))
        {
            folder = Directory.CreateTempSubdirectory("redis-").FullName;
            PrivateFiles.Write(ElsewhereFile, Encoding.UTF8.GetBytes(folder));
        }

        return System.IO.Path.Combine(folder, "redis.sock");
    }

    /// <summary>The password, which the first start makes.</summary>
    public string Password()
    {
        if (File.Exists(PasswordFile) && File.ReadAllText(PasswordFile).Trim() is { Length: > 0 } known)
            return known;
        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));
        PrivateFiles.Write(PasswordFile, Encoding.ASCII.GetBytes(made));
        return made;
    }

    /// <summary>Locks the folder, so that one process at a time starts Redis.</summary>
    /// <exception cref="SettingsException">Another process has held the lock for a minute.</exception>
    public async Task<IDisposable> LockAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var file = System.IO.Path.Combine(path, "start.lock");
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixMode.OwnersFile;
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, options);
            }
            catch (IOException) when (time.GetElapsedTime(started) < LockWithin)
            {
                await Task.Delay(TryLockEvery, time, cancellationToken);
            }
            catch (IOException e)
            {
                throw new SettingsException($"Another process has been starting Redis in {path} for a minute: {e.Message}");
            }
        }
    }

    private static void Keep(string folder)
    {
        if (!IsOurs(folder))
        {
            throw new SettingsException(
                $"The folder {folder} belongs to another user, who could read the mail in it: give another folder (--data).");
        }
    }

    // Only the owner and root may change permissions.
    private static bool IsOurs(string folder)
    {
        if (OperatingSystem.IsWindows())
            return true;
        try
        {
            File.SetUnixFileMode(folder, UnixMode.OwnersFolder);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
