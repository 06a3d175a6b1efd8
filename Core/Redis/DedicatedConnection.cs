using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>A connection of its own for the reader of one key. It follows the shared one.</summary>
internal sealed class DedicatedConnection(RedisConnection connection, string purpose, TimeSpan block, RedisKey key) : IAsyncDisposable
{
    private RedisConnectionSet? _connectionSet;
    private IConnectionMultiplexer? _multiplexer;

    public async ValueTask<IDatabase> DatabaseAsync(CancellationToken cancellationToken)
    {
        var current = await connection.CurrentAsync(cancellationToken);
        if (_multiplexer is null || _connectionSet != current || !current.Has(_multiplexer))
        {
            await CloseAsync();
            _multiplexer = await current.OpenAsync(purpose, block, key, cancellationToken);
            _connectionSet = current;
        }

        return _multiplexer.GetDatabase();
    }

    /// <summary>Gives the connection up, because no answer comes; the next command opens another.</summary>
    public async Task CloseAsync()
    {
        if (_connectionSet is { } generation && _multiplexer is { } multiplexer)
            await generation.CloseAsync(multiplexer);
        _multiplexer = null;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
