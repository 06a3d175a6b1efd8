using System.Globalization;

namespace EmailIngestion.Local.Demo;

/// <summary>A redis-server of our own on 127.0.0.1, configured as the product wants it: nothing is ever evicted.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(10);

    private readonly ServerProcess server;
    private readonly ServerFolder folder;

    private RedisProcess(ServerProcess server, ServerFolder folder, int port) =>
        (this.server, this.folder, Port) = (server, folder, port);

    public int Port { get; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    public int ProcessId => server.Id;

    /// <exception cref="ServerStartException">redis-server is not installed, or ended; its last lines are in the message.</exception>
    public static async Task<RedisProcess> StartAsync(RedisProcessOptions options, TimeProvider time, CancellationToken ct)
    {
        var path = ServerBinary.Require("redis-server", "redis-server");
        var folder = new ServerFolder(options.DataFolder, "redis-");
        try
        {
            var port = 0;
            var server = await ServerStart.RunAsync(
                () =>
                {
                    port = options.Port == 0 ? Loopback.FreePort() : options.Port;
                    return ServerProcess.Start(path, Arguments(options, folder.FullPath, port), time);
                },
                started => IsReadyAsync(started.Id, port, time, ct),
                time,
                ct);
            return new RedisProcess(server, folder, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A clean stop: Redis writes what it holds back. Killed if it takes longer than ten seconds.</summary>
    public Task StopAsync() => server.StopAsync(StopsWithin);

    /// <summary>SIGKILL: what a crash leaves is in the data folder.</summary>
    public void Kill() => server.Kill();

    /// <summary>SIGSTOP: it answers nobody, and holds what it holds.</summary>
    public void Pause() => server.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => server.Resume();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await server.DisposeAsync();
        folder.Dispose();
    }

    private static IEnumerable<string> Arguments(RedisProcessOptions options, string folder, int port) =>
    [
        "--port", port.ToString(CultureInfo.InvariantCulture),
        "--bind", "127.0.0.1",
        "--protected-mode", "no",
        "--daemonize", "no",
        "--dir", folder,
        "--save", "",
        "--appendonly", options.AppendOnly ? "yes" : "no",
        "--appendfsync", "everysec",
        "--maxmemory-policy", "noeviction",
        "--maxmemory", (options.MaxMemoryBytes ?? 0).ToString(CultureInfo.InvariantCulture),
        .. options.ExtraArguments,
    ];

    // PONG and not "loading", and from this process: the port may have gone to another Redis in between.
    // A server with a password answers neither, but says so.
    private static Task<bool> IsReadyAsync(int processId, int port, TimeProvider time, CancellationToken ct) =>
        Loopback.AnswersAsync(
            port,
            "PING\r\nINFO server\r\nQUIT\r\n",
            heard => heard.StartsWith("-NOAUTH", StringComparison.Ordinal)
                || (heard.StartsWith("+PONG", StringComparison.Ordinal)
                    && heard.Contains($"process_id:{processId}\r\n", StringComparison.Ordinal)),
            time,
            ct);
}
