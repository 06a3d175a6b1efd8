using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// The process's connections to Redis: one multiplexer that everything shares, and one of its own for each reader that blocks,
/// since a blocking command on the shared one would hold up every other. All of them are replaced together when they stick: when the
/// Sentinels name another primary, or nothing comes through any more and a new connection would get through.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(3);

    // Whoever has just taken the old connections gets the answer to what they are sending.
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(200);

    private readonly RedisSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisProbe _probe;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly SentinelPrimary? _sentinels;
    private RedisConnectionSet? _current;
    private Task _watch = Task.CompletedTask;
    private Task _attempt = Task.CompletedTask;
    private Task _ending = Task.CompletedTask;
    private long _fitAt;

    /// <param name="settings">How Redis is reached.</param>
    /// <param name="keys">The keys whose servers must answer, or the connections are replaced.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where replaced connections are told.</param>
    public RedisConnection(RedisSettings settings, IReadOnlyList<RedisKey> keys, TimeProvider? time = null, ILogger<RedisConnection>? logger = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<RedisConnection>.Instance;
        _probe = new RedisProbe(keys, _time);
        if (!string.IsNullOrEmpty(_settings.Configuration().ServiceName))
            _sentinels = new SentinelPrimary(_settings, _time);
    }

    /// <summary><c>Streams:MaxMemoryBytes</c>; 0 = what Redis tells.</summary>
    public long MaxMemoryBytes => _settings.MaxMemoryBytes;

    /// <summary>Whether Sentinels say where Redis is.</summary>
    public bool HasSentinels => _sentinels is not null;

    public async ValueTask<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken) => (await CurrentAsync(cancellationToken)).Shared;

    public async ValueTask<IDatabase> DatabaseAsync(CancellationToken cancellationToken) => (await GetAsync(cancellationToken)).GetDatabase();

    /// <summary>A connection for one key, whose commands may block for the given time. It opens with its first command.</summary>
    public DedicatedConnection Dedicated(string purpose, TimeSpan block, RedisKey key) => new(this, purpose, block, key);

    /// <exception cref="RedisConnectionException">No Sentinel says where the primary is, or Redis and we do not accept each other.</exception>
    internal async ValueTask<RedisConnectionSet> CurrentAsync(CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref _current) ?? await FirstAsync(cancellationToken);
        current.ThrowIfRefused();
        return current;
    }

    private async Task<RedisConnectionSet> FirstAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_current is { } first)
                return first;
            var primary = _sentinels is null ? null : await _sentinels.FindAsync(cancellationToken)
                ?? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, _sentinels.Unknown);
            var opened = await OpenAsync(primary, cancellationToken);
            _fitAt = _time.GetTimestamp();
            Volatile.Write(ref _current, opened);
            _watch = Task.Run(WatchAsync, CancellationToken.None);
            return opened;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        await _watch;
        await _attempt;
        await _ending;
        if (_current is { } current)
            await current.DisposeAsync();
        if (_sentinels is not null)
            await _sentinels.DisposeAsync();
        _gate.Dispose();
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Look, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                try
                {
                    await ReadSnapshotAsync(_closing.Token);
                }
                catch (Exception e)
                {
                    // Whatever it was: without the watch a connection that sticks would stick for ever, and closing must not fail by it.
                    if (!_closing.IsCancellationRequested)
                        Log.CheckFailed(_logger, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private async Task ReadSnapshotAsync(CancellationToken cancellationToken)
    {
        var current = _current!;
        var named = _sentinels is null ? null : await _sentinels.FindAsync(cancellationToken);
        // At once, even before the new primary answers: what the old one takes from now on is lost.
        if (named is not null && !named.Equals(current.Primary))
        {
            if (Replace(current, await OpenAsync(named, cancellationToken)))
                Log.PrimaryMoved(_logger, $"{named}", $"{current.Primary}");
        }
        else if (await _probe.GetsThroughAsync(current.Shared, cancellationToken))
        {
            _fitAt = _time.GetTimestamp();
            await current.CloseStaleAsync();
        }
        else if (_time.GetElapsedTime(_fitAt) >= StuckAfter && _attempt.IsCompleted)
        {
            // Beside the look, which must not miss what the Sentinels say while a server that hangs is waited for.
            _attempt = TryAgainAsync(current, cancellationToken);
        }
    }

    // Redis may just be away: then a new connection is no better, and the old one comes back by itself.
    private async Task TryAgainAsync(RedisConnectionSet current, CancellationToken cancellationToken)
    {
        try
        {
            var fresh = await OpenAsync(current.Primary, cancellationToken);
            if (!await _probe.GetsThroughAsync(fresh.Shared, cancellationToken))
                await fresh.DisposeAsync();
            else if (Replace(current, fresh))
                Log.Reconnected(_logger);
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested)
                Log.CheckFailed(_logger, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
        }
    }

    private bool Replace(RedisConnectionSet old, RedisConnectionSet fresh)
    {
        var replaced = Interlocked.CompareExchange(ref _current, fresh, old) == old;
        if (replaced)
            _fitAt = _time.GetTimestamp();
        _ending = Task.WhenAll(_ending, EndAsync(replaced ? old : fresh));
        return replaced;
    }

    private async Task EndAsync(RedisConnectionSet generation)
    {
        await Task.Delay(Farewell, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await generation.DisposeAsync();
    }

    private Task<RedisConnectionSet> OpenAsync(EndPoint? primary, CancellationToken cancellationToken) =>
        RedisConnectionSet.OpenAsync(_settings, primary, cancellationToken);
}
