using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>One Redis Sentinel on 127.0.0.1: a redis-server without data, which keeps its state in its configuration file.</summary>
internal sealed class SentinelProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(5);

    private readonly ServerProcess server;
    private readonly ServerFolder folder;

    private SentinelProcess(ServerProcess server, ServerFolder folder, int port) =>
        (this.server, this.folder, Port) = (server, folder, port);

    public int Port { get; }

    /// <param name="directives">Configuration lines besides port and folder.</param>
    /// <param name="time">The clock; must be a real one.</param>
    /// <param name="ct">Cancels the wait and ends the Sentinel.</param>
    /// <param name="port">The port on 127.0.0.1; 0 for a free port.</param>
    public static async Task<SentinelProcess> StartAsync(
        IReadOnlyList<string> directives, TimeProvider time, CancellationToken ct, int port = 0)
    {
        var path = ServerBinary.Require("redis-server", "redis-server", RedisProcess.Variable);
        var folder = new ServerFolder(null, "sentinel-");
        try
        {
            var chosen = 0;
            var server = await ServerStart.RunAsync(
                () =>
                {
                    chosen = port == 0 ? Loopback.FreePort() : port;
                    var file = Path.Combine(folder.FullPath, "sentinel.conf");
                    File.WriteAllLines(
                        file,
                        [
                            string.Create(CultureInfo.InvariantCulture, $"port {chosen}"),
                            "bind 127.0.0.1",
                            "protected-mode no",
                            $"dir {folder.FullPath}",
                            .. directives,
                        ]);
                    return ServerProcess.Start(path, [file, "--sentinel"], time);
                },
                started => Loopback.AnswersAsync(
                    chosen,
                    "PING\r\nINFO server\r\nQUIT\r\n",
                    // A Sentinel with a password answers NOAUTH.
                    heard => heard.StartsWith("-NOAUTH", StringComparison.Ordinal)
                        || heard.Contains($"process_id:{started.Id}\r\n", StringComparison.Ordinal),
                    time,
                    ct),
                time,
                ct);
            return new SentinelProcess(server, folder, chosen);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public Task<string> AskAsync(CancellationToken ct, params string[] command) => RedisQuestion.AskAsync(Port, null, ct, command);

    public async ValueTask DisposeAsync()
    {
        await server.StopAsync(StopsWithin);
        await server.DisposeAsync();
        folder.Dispose();
    }
}
