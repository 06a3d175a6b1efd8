using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>A connection of its own for the commands on one key. It is replaced together with the shared one.</summary>
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

        current.ThrowIfRefused(_multiplexer);
        return _multiplexer.GetDatabase();
    }

    /// <summary>Closes the connection, because it gets no answer. The next command opens another.</summary>
    public async Task CloseAsync()
    {
        if (_connectionSet is { } connectionSet && _multiplexer is { } multiplexer)
            await connectionSet.CloseAsync(multiplexer);
        _multiplexer = null;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
