using EmailIngestion.DevServers;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>The Redis of one test, which may fill, misconfigure or kill it, and its unnamed partition.</summary>
internal sealed class OwnRedisServer : IAsyncDisposable
{
    private const long Slack = 100_000;

    private readonly RedisProcessOptions _processOptions;
    private RedisProcess _process;

    private OwnRedisServer(
        RedisProcess process, RedisProcessOptions processOptions, IConnectionMultiplexer multiplexer, StreamOptions options)
    {
        _process = process;
        _processOptions = processOptions;
        Multiplexer = multiplexer;
        Options = Microsoft.Extensions.Options.Options.Create(options);
        Connection = StreamConnection.Create(Options);
        Partition = new StreamPartition("", Connection, Options, TimeProvider.System);
    }

    public IOptions<StreamOptions> Options { get; }

    public RedisConnection Connection { get; }

    public StreamPartition Partition { get; }

    public IConnectionMultiplexer Multiplexer { get; }

    public IDatabase Database => Multiplexer.GetDatabase();

    public StreamGuard Guard => new(Connection, Options);

    public static async Task<OwnRedisServer> StartAsync(RedisProcessOptions options, Action<StreamOptions>? configure = null)
    {
        var process = await RedisProcess.StartAsync(options, TimeProvider.System, CancellationToken.None);
        var streams = new StreamOptions { ConnectionString = process.ConnectionString };
        configure?.Invoke(streams);
        return new OwnRedisServer(
            process, options, await ConnectionMultiplexer.ConnectAsync($"{process.ConnectionString},protocol=resp2,allowAdmin=true"),
            streams);
    }

    /// <summary>Kills the server with SIGKILL, and starts it later on the same port with the same data folder.</summary>
    public async Task CrashAndRestartAsync(TimeSpan away = default)
    {
        _process.Kill();
        await _process.DisposeAsync();
        await Task.Delay(away, TimeProvider.System);
        _process = await RedisProcess.StartAsync(
            _processOptions with { Port = _process.Port }, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>Kills the server with SIGKILL. <see cref="StartAgainAsync"/> starts it again.</summary>
    public void Kill() => _process.Kill();

    public async Task StartAgainAsync()
    {
        await _process.DisposeAsync();
        _process = await RedisProcess.StartAsync(
            _processOptions with { Port = _process.Port }, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>
    /// Writes until Redis accepts no more, and a little longer, because Redis shrinks some buffers later and frees memory.
    /// </summary>
    public async Task FillAsync()
    {
        foreach (var size in new[] { 10_000, 1_000, 100 })
        {
            try
            {
                for (var i = 0; ; i++)
                    await Database.StringSetAsync($"filler:{size}:{i}", new byte[size]);
            }
            catch (RedisServerException e) when (e.Message.StartsWith("OOM", StringComparison.Ordinal))
            {
                // Redis is full for values of this size.
            }
        }

        await Database.ExecuteAsync("CONFIG", "SET", "maxmemory", _processOptions.MaxMemoryBytes!.Value - Slack);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Multiplexer.DisposeAsync();
        await _process.DisposeAsync();
    }
}
