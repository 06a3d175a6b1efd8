using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EmailIngestion.Configuration;

namespace EmailIngestion.DevServers;

/// <summary>A redis-server on 127.0.0.1 with the configuration that the product requires: noeviction.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    /// <summary>
    /// The environment variable that names another <c>redis-server</c> than the installed one, for example a <c>valkey-server</c>.
    /// </summary>
    public const string Variable = "REDIS_SERVER";

    // Redis has no setting for the permissions of its files. exec keeps the process ID of the shell.
    private const string Privately = "umask 077; exec \"$0\" \"$@\"";

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(10);

    private readonly ServerProcess server;
    private readonly ServerFolder folder;
    private readonly RedisProcessOptions options;

    private RedisProcess(ServerProcess server, ServerFolder folder, RedisProcessOptions options, int port) =>
        (this.server, this.folder, this.options, Port) = (server, folder, options, port);

    /// <summary>The port on 127.0.0.1; 0 with a socket.</summary>
    public int Port { get; }

    /// <summary>The connection string for StackExchange.Redis, with the password.</summary>
    public string ConnectionString =>
        (options.Socket is { } socket ? $"!{socket}" : $"127.0.0.1:{Port}")
        + (options.Password is { } password ? $",password={password}" : "");

    public int ProcessId => server.Id;

    /// <exception cref="ServerStartException">redis-server is not installed, or ended; its last lines are in the message.</exception>
    public static async Task<RedisProcess> StartAsync(RedisProcessOptions options, TimeProvider time, CancellationToken ct)
    {
        var path = ServerBinary.Require("redis-server", "redis-server", Variable);
        var folder = new ServerFolder(options.DataFolder, "redis-");
        try
        {
            var port = 0;
            var server = await ServerStart.RunAsync(
                () =>
                {
                    port = options.Socket is not null ? 0 : options.Port == 0 ? Loopback.FreePort() : options.Port;
                    return ServerProcess.Start("/bin/sh", ["-c", Privately, path, .. Arguments(options, folder.FullPath, port)], time);
                },
                started => IsReadyAsync(started.Id, options, port, time, ct),
                time,
                ct);
            return new RedisProcess(server, folder, options, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Stops Redis, which writes its buffers. Kills it after ten seconds.</summary>
    public Task StopAsync() => server.StopAsync(StopsWithin);

    /// <summary>Sends SIGKILL. The data folder then holds what a crash leaves.</summary>
    public void Kill() => server.Kill();

    /// <summary>Sends SIGSTOP: Redis does not answer, and keeps its memory and connections.</summary>
    public void Pause() => server.Pause();

    /// <summary>Sends SIGCONT.</summary>
    public void Resume() => server.Resume();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await server.DisposeAsync();
        folder.Dispose();
    }

    private static IEnumerable<string> Arguments(RedisProcessOptions options, string folder, int port) =>
    [
        .. options.Password is { } password ? [ConfigurationFile(folder, password)] : Array.Empty<string>(),
        "--port", port.ToString(CultureInfo.InvariantCulture),
        "--bind", "127.0.0.1",
        .. options.Socket is { } socket ? ["--unixsocket", socket, "--unixsocketperm", "700"] : Array.Empty<string>(),
        "--protected-mode", options.Password is null ? "no" : "yes",
        "--daemonize", "no",
        "--dir", folder,
        "--save", "",
        "--appendonly", options.AppendOnly ? "yes" : "no",
        "--appendfsync", "everysec",
        "--maxmemory-policy", "noeviction",
        "--maxmemory", (options.MaxMemoryBytes ?? 0).ToString(CultureInfo.InvariantCulture),
        .. options.ExtraArguments,
    ];

    private static string ConfigurationFile(string folder, string password)
    {
        var file = Path.Combine(folder, "redis.conf");
        PrivateFiles.Write(file, Encoding.ASCII.GetBytes($"requirepass {password}\n"));
        return file;
    }

    // Waits for PONG instead of "loading", and for this process: another Redis may have taken the port.
    // A server with a password in its extra arguments answers NOAUTH.
    private static Task<bool> IsReadyAsync(int processId, RedisProcessOptions options, int port, TimeProvider time, CancellationToken ct) =>
        Loopback.AnswersAsync(
            options.Socket is { } socket ? new UnixDomainSocketEndPoint(socket) : new IPEndPoint(IPAddress.Loopback, port),
            $"{(options.Password is { } password ? $"AUTH {password}\r\n" : "")}PING\r\nINFO server\r\nQUIT\r\n",
            heard => heard.StartsWith("-NOAUTH", StringComparison.Ordinal)
                || (heard.Contains("+PONG", StringComparison.Ordinal)
                    && heard.Contains($"process_id:{processId}\r\n", StringComparison.Ordinal)),
            time,
            ct);
}
