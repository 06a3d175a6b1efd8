using System.Globalization;
using System.Net.Sockets;
using EmailIngestion.Local.Demo;

namespace EmailIngestion.Local;

/// <summary>
/// The Redis of those who configured none: a child process whose data stay in a folder. Its port is written there, so that further
/// processes (<c>consume</c>, <c>poll</c>) find it.
/// </summary>
internal sealed class OwnRedis(string dataFolder, TimeProvider time)
{
    private string Folder => Path.GetFullPath(Path.Combine(dataFolder, "redis"));

    private string PortFile => Path.Combine(Folder, "port");

    /// <summary>Starts it, unless another process of ours has it running already; then null.</summary>
    public async Task<RedisProcess?> StartAsync(LocalSettings settings, CancellationToken cancellationToken)
    {
        if (Running() is { } port)
        {
            settings["Streams:ConnectionString"] = $"127.0.0.1:{port}";
            return null;
        }

        Directory.CreateDirectory(Folder);
        var redis = await RedisProcess.StartAsync(new RedisProcessOptions { DataFolder = Folder, AppendOnly = true }, time, cancellationToken);
        await File.WriteAllTextAsync(PortFile, redis.Port.ToString(CultureInfo.InvariantCulture), cancellationToken);
        settings["Streams:ConnectionString"] = redis.ConnectionString;
        return redis;
    }

    /// <exception cref="SettingsException">It does not run.</exception>
    public void Find(LocalSettings settings) =>
        settings["Streams:ConnectionString"] = Running() is { } port
            ? $"127.0.0.1:{port}"
            : throw new SettingsException(
                "No Redis is configured and none of ours runs: start `dotnet run --project Local` beside this, or set Streams:ConnectionString or REDIS_HOST.");

    private int? Running()
    {
        if (!File.Exists(PortFile) || !int.TryParse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture, out var port))
            return null;
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return port;
        }
        catch (SocketException)
        {
            // Left behind by a process that is gone.
            return null;
        }
    }
}
