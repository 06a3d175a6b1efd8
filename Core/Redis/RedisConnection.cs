using System.Net;
using EmailIngestion.Redis.Entra;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// The process's connections to Redis: one shared multiplexer, and a dedicated one for each blocking read, because a blocking command on
/// the shared one would delay every other. All of them are replaced together when the Sentinels name another primary, or when they get no
/// answer and a new connection does.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(3);

    // Commands that have just been sent over the old connections still get their answers.
    private static readonly TimeSpan CloseDelay = TimeSpan.FromMilliseconds(200);

    private readonly RedisSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisProbe _probe;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly SentinelPrimary? _sentinels;
    private readonly RedisSignIn? _signIn;
    private RedisConnectionSet? _current;
    private Task _opening = Task.CompletedTask;
    private Task _watch = Task.CompletedTask;
    private Task _reconnect = Task.CompletedTask;
    private Task _closed = Task.CompletedTask;
    private long _answeredAt;

    /// <param name="settings">How this process reaches Redis.</param>
    /// <param name="keys">The keys whose servers must answer. Otherwise the connections are replaced.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log for replaced connections.</param>
    public RedisConnection(
        RedisSettings settings, IReadOnlyList<RedisKey> keys, TimeProvider? time = null, ILogger<RedisConnection>? logger = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<RedisConnection>.Instance;
        _probe = new RedisProbe(keys, _time);
        _sentinels = string.IsNullOrEmpty(_settings.Configuration().ServiceName) ? null : new SentinelPrimary(_settings, _time);
        _signIn = _settings.Identity is { } identity ? new RedisSignIn(identity, _time, _logger) : null;
    }

    /// <summary><c>Streams:MaxMemoryBytes</c>; 0 = the limit that Redis reports.</summary>
    public long MaxMemoryBytes => _settings.MaxMemoryBytes;

    /// <summary>Whether this process asks Sentinels for the primary.</summary>
    public bool HasSentinels => _sentinels is not null;

    /// <summary>Connects before the first command. That command connects again, and reports the failure, where this fails.</summary>
    public void Open() => _opening = Task.Run(() => FirstAsync(_closing.Token));

    public async ValueTask<IConnectionMultiplexer> GetAsync(CancellationToken stop) => (await CurrentAsync(stop)).Shared;

    public async ValueTask<IDatabase> DatabaseAsync(CancellationToken stop) => (await GetAsync(stop)).GetDatabase();

    /// <summary>A dedicated connection for one key. Its commands may block for this time. It opens with its first command.</summary>
    public DedicatedConnection Dedicated(string purpose, TimeSpan block, RedisKey key) => new(this, purpose, block, key);

    /// <exception cref="RedisException">No sign-in, no primary named by Sentinels, or Redis and this process reject each other.</exception>
    internal async ValueTask<RedisConnectionSet> CurrentAsync(CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref _current) ?? await FirstAsync(cancellationToken);
        current.ThrowIfRefused(current.Shared);
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
            _answeredAt = _time.GetTimestamp();
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
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _watch;
        await _reconnect;
        await _closed;
        if (_current is { } current)
            await current.DisposeAsync();
        if (_sentinels is not null)
            await _sentinels.DisposeAsync();
        if (_signIn is not null)
            await _signIn.DisposeAsync();
        _gate.Dispose();
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(CheckInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                try
                {
                    await CheckAsync(_closing.Token);
                }
                catch (Exception e)
                {
                    // Every error is caught: without the watch a stuck connection would never be replaced, and an error must not fail the
                    // dispose.
                    if (!_closing.IsCancellationRequested)
                        Log.CheckFailed(_logger, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // This connection was disposed.
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var current = _current!;
        var named = _sentinels is null ? null : await _sentinels.FindAsync(cancellationToken);
        // At once, even before the new primary answers: the old one loses every write from now on.
        if (named is not null && !named.Equals(current.Primary))
        {
            if (Replace(current, await OpenAsync(named, cancellationToken)))
                Log.PrimaryMoved(_logger, $"{named}", $"{current.Primary}");
        }
        else if (await _probe.GetsThroughAsync(current.Shared, cancellationToken))
        {
            _answeredAt = _time.GetTimestamp();
            await current.CloseStaleAsync();
        }
        else if (_time.GetElapsedTime(_answeredAt) >= StuckAfter && _reconnect.IsCompleted)
        {
            // In the background: the check must not miss a new primary while it waits for a server that hangs.
            _reconnect = TryReconnectAsync(current, cancellationToken);
        }
    }

    // If Redis is away, a new one gets no answer either, and the old one reconnects by itself. A sign-in without a token logs why.
    private async Task TryReconnectAsync(RedisConnectionSet current, CancellationToken cancellationToken)
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
            if (!cancellationToken.IsCancellationRequested && e is not RedisSignInException)
                Log.CheckFailed(_logger, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
        }
    }

    private bool Replace(RedisConnectionSet old, RedisConnectionSet fresh)
    {
        var replaced = Interlocked.CompareExchange(ref _current, fresh, old) == old;
        if (replaced)
            _answeredAt = _time.GetTimestamp();
        _closed = Task.WhenAll(_closed, CloseAsync(replaced ? old : fresh));
        return replaced;
    }

    private async Task CloseAsync(RedisConnectionSet connectionSet)
    {
        await Task.Delay(CloseDelay, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connectionSet.DisposeAsync();
    }

    private Task<RedisConnectionSet> OpenAsync(EndPoint? primary, CancellationToken cancellationToken) =>
        RedisConnectionSet.OpenAsync(_settings, _signIn, primary, cancellationToken);
}
