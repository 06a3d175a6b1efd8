using System.Net.Sockets;
using EmailIngestion.Configuration;
using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// A Redis for a machine without a configured one: a child process that keeps its data in a folder. It listens on a Unix domain socket in
/// a folder that only this user can enter. Other processes of this user (<c>consume</c>, <c>poll</c>) find it there. Other users can
/// neither connect to it nor listen in its place, as they could on a free port.
/// </summary>
internal sealed class OwnRedis(string dataFolder, TimeProvider time)
{
    private readonly OwnRedisFolder _folder = new(Path.GetFullPath(Path.Combine(dataFolder, "redis")));

    /// <summary>Starts Redis. Returns null if another process of this user already runs it.</summary>
    /// <exception cref="SettingsException">The folder belongs to another user.</exception>
    /// <exception cref="StartException">The folder cannot be used.</exception>
    public async Task<RedisProcess?> StartAsync(LocalSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await StartOrFindAsync(settings, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Redis cannot keep its data in {_folder.Path}: {PrivateFiles.Reason(e)}");
        }
    }

    /// <summary>Sets the connection string to the Redis that another process started.</summary>
    /// <exception cref="SettingsException">Redis does not run, or its folder belongs to another user.</exception>
    public async Task FindAsync(LocalSettings settings, CancellationToken cancellationToken)
    {
        if (!_folder.Exists || !await IsListeningAsync(_folder.Socket(), cancellationToken))
        {
            throw new SettingsException(
                "No Redis is configured, and Local's own Redis does not run: start `dotnet run --project Local` in another terminal, "
                + "or set Streams:ConnectionString or REDIS_HOST.");
        }

        try
        {
            settings["Streams:ConnectionString"] = ConnectionString(_folder.Socket(), _folder.Password());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The password of Redis in {_folder.Path} cannot be read: {PrivateFiles.Reason(e)}");
        }
    }

    private async Task<RedisProcess?> StartOrFindAsync(LocalSettings settings, CancellationToken cancellationToken)
    {
        _folder.Prepare();
        // Two servers would corrupt the append-only file.
        using var start = await _folder.LockAsync(time, cancellationToken);
        var socket = _folder.Socket();
        var password = _folder.Password();
        if (await IsListeningAsync(socket, cancellationToken))
        {
            settings["Streams:ConnectionString"] = ConnectionString(socket, password);
            return null;
        }

        var options = new RedisProcessOptions { DataFolder = _folder.Path, AppendOnly = true, Socket = socket, Password = password };
        var redis = await RedisProcess.StartAsync(options, time, cancellationToken);
        settings["Streams:ConnectionString"] = redis.ConnectionString;
        return redis;
    }

    private static string ConnectionString(string socket, string password) => $"!{socket},password={password}";

    private static async Task<bool> IsListeningAsync(string path, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            // There is no socket, or its process has ended.
            return false;
        }
    }
}
