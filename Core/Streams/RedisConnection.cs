using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The process's connections to Redis: one multiplexer that everything shares, and one of its own for each reader that blocks,
/// since a blocking command on the shared one would hold up every other.
/// </summary>
internal sealed class RedisConnection(IOptions<StreamOptions> options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<IConnectionMultiplexer> _opened = [];
    private IConnectionMultiplexer? _shared;

    public async ValueTask<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        if (_shared is { } shared)
            return shared;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _shared ??= await OpenAsync("shared", TimeSpan.Zero, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask<IDatabase> DatabaseAsync(CancellationToken cancellationToken) => (await GetAsync(cancellationToken)).GetDatabase();

    /// <summary>Opens a connection whose commands may block for the given time.</summary>
    public async Task<IConnectionMultiplexer> OpenBlockingAsync(string purpose, TimeSpan block, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await OpenAsync(purpose, block, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _opened)
            await connection.DisposeAsync();
        _gate.Dispose();
    }

    private async Task<IConnectionMultiplexer> OpenAsync(string purpose, TimeSpan block, CancellationToken cancellationToken)
    {
        var configuration = options.Value.Configuration();
        configuration.ClientName ??= $"email-ingestion-{purpose}";
        // Redis that is away is waited for, at start as later: nothing is lost meanwhile, the mail is in the mailbox.
        configuration.AbortOnConnectFail = false;
        // For INFO, which tells how full the memory is; nothing else of ours needs it.
        configuration.AllowAdmin = true;
        // Replies read through Execute differ between the protocols.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.AsyncTimeout += (int)block.TotalMilliseconds;
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(cancellationToken);
        _opened.Add(connection);
        return connection;
    }
}
