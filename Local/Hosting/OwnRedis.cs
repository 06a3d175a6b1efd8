using System.Net.Sockets;
using EmailIngestion.Configuration;
using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// The Redis of those who configured none: a child process whose data stay in a folder. It listens on a Unix domain socket in a folder that
/// only this user enters: further processes (<c>consume</c>, <c>poll</c>) find it there, other users cannot reach it, and cannot listen in
/// its place, as they could on a port that is free again.
/// </summary>
internal sealed class OwnRedis(string dataFolder, TimeProvider time)
{
    private readonly OwnRedisFolder _folder = new(Path.GetFullPath(Path.Combine(dataFolder, "redis")));

    /// <summary>Starts it, unless another process of ours has it running already; then null.</summary>
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

    /// <exception cref="SettingsException">It does not run, or its folder belongs to another user.</exception>
    public async Task FindAsync(LocalSettings settings, CancellationToken cancellationToken)
    {
        if (!_folder.Exists || !await IsListeningAsync(_folder.Socket(), cancellationToken))
        {
            throw new SettingsException(
                "No Redis is configured and none of ours runs: start `dotnet run --project Local` beside this, or set Streams:ConnectionString or REDIS_HOST.");
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
        // Two Redis on one append-only file would spoil it.
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
            // There is none, or it was left behind by a process that is gone.
            return false;
        }
    }
}
