using System.Net;
using EmailIngestion.Redis.Entra;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>The connections that were opened to the same primary. They are closed together.</summary>
internal sealed class RedisConnectionSet : IAsyncDisposable
{
    /// <summary>The prefix of this product's client names, as CLIENT LIST shows them.</summary>
    public const string ClientNamePrefix = "email-ingestion-";

    private readonly RedisSettings _settings;
    private readonly Lock _gate = new();
    private readonly Dictionary<IConnectionMultiplexer, RedisKey> _opened = [];
    private readonly RedisRefusal _refusal = new();
    private readonly RedisSignIn? _signIn;
    private bool _closed;

    private RedisConnectionSet(RedisSettings settings, RedisSignIn? signIn, EndPoint? primary) =>
        (_settings, _signIn, Primary) = (settings, signIn, primary);

    /// <summary>The primary that the Sentinels named. Null without Sentinels.</summary>
    public EndPoint? Primary { get; }

    public IConnectionMultiplexer Shared { get; private set; } = null!;

    public static async Task<RedisConnectionSet> OpenAsync(
        RedisSettings settings, RedisSignIn? signIn, EndPoint? primary, CancellationToken cancellationToken)
    {
        var result = new RedisConnectionSet(settings, signIn, primary);
        result.Shared = await result.OpenAsync("shared", TimeSpan.Zero, default, cancellationToken);
        return result;
    }

    /// <exception cref="RedisConnectionException">It is not connected, because the servers and this process reject each other.</exception>
    /// <exception cref="RedisSignInException">It is not connected, because the servers do not accept the token.</exception>
    public void ThrowIfRefused(IConnectionMultiplexer connection)
    {
        // Without tokens a dedicated connection reports its own error: it is refused when the shared one is.
        if (_refusal.Text is not { } reason || connection.IsConnected || (_signIn is null && connection != Shared))
            return;
        throw _signIn is not null && reason == BriefError.WrongPassword
            ? _signIn.Refused()
            : new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, CommandFlags.None, reason);
    }

    /// <summary>Opens one more connection for one key. Its commands may block for <paramref name="block"/>.</summary>
    /// <exception cref="RedisConnectionException">This connection set was closed meanwhile.</exception>
    public async Task<IConnectionMultiplexer> OpenAsync(string purpose, TimeSpan block, RedisKey key, CancellationToken cancellationToken)
    {
        var configuration = Configuration(purpose, block);
        var token = _signIn is null ? null : await _signIn.PrepareAsync(configuration, cancellationToken);
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration);
        try
        {
            var connection = await connecting.WaitAsync(cancellationToken);
            connection.ConnectionRestored += (_, _) => _refusal.Forget();
            if (token is not null)
                _signIn!.Add(connection, token);
            lock (_gate)
            {
                if (!_closed)
                {
                    _opened.Add(connection, key);
                    return connection;
                }
            }

            await EndAsync(connection);
        }
        catch (OperationCanceledException)
        {
            // The connection opens all the same, and is closed then.
            _ = connecting.ContinueWith(
                opened => EndAsync(opened.Result),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }

        throw new RedisConnectionException(
            ConnectionFailureType.ConnectionDisposed, CommandFlags.None, "The connection was replaced while it was being opened.");
    }

    /// <summary>Whether a connection belongs to this set and is not closed yet.</summary>
    public bool Has(IConnectionMultiplexer connection)
    {
        lock (_gate)
            return _opened.ContainsKey(connection);
    }

    /// <summary>
    /// Closes stale connections: those that look for their key on another server than the shared one, which gets answers. They were opened
    /// through a Cluster node that did not know of a failover yet, and wait for the former primary.
    /// </summary>
    public Task CloseStaleAsync()
    {
        IConnectionMultiplexer[] stale;
        lock (_gate)
            stale = [.. _opened.Where(opened => IsStale(opened.Key, opened.Value)).Select(opened => opened.Key)];
        return Task.WhenAll(stale.Select(CloseAsync));

        bool IsStale(IConnectionMultiplexer connection, RedisKey key) =>
            connection != Shared && ServerOf(connection, key) != ServerOf(Shared, key);

        static string? ServerOf(IConnectionMultiplexer connection, RedisKey key)
        {
            try
            {
                return connection.PrimaryOf(key).EndPoint.ToString();
            }
            catch (Exception e) when (RedisErrors.IsPassing(e))
            {
                // It knows no server for the key.
                return null;
            }
        }
    }

    /// <summary>Closes one connection of this set before the others.</summary>
    public async Task CloseAsync(IConnectionMultiplexer connection)
    {
        bool removed;
        lock (_gate)
            removed = _opened.Remove(connection);
        if (removed)
            await EndAsync(connection);
    }

    /// <summary>Closes all connections. Commands in flight fail.</summary>
    public async ValueTask DisposeAsync()
    {
        IConnectionMultiplexer[] opened;
        lock (_gate)
        {
            _closed = true;
            opened = [.. _opened.Keys];
            _opened.Clear();
        }

        await Task.WhenAll(opened.Select(EndAsync));
    }

    // It does not wait for commands in flight: a server that hangs would delay this process again.
    private async Task EndAsync(IConnectionMultiplexer connection)
    {
        _signIn?.Remove(connection);
        await connection.CloseAsync(allowCommandsToComplete: false);
        await connection.DisposeAsync();
    }

    private ConfigurationOptions Configuration(string purpose, TimeSpan block)
    {
        var configuration = _settings.Configuration();
        configuration.ClientName ??= ClientNamePrefix + purpose;
        // The process waits for Redis, at start and later. Nothing is lost meanwhile: the emails are in the mailbox.
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new ReconnectDelay();
        // INFO needs it, which reports how full the memory is. Nothing else needs it.
        configuration.AllowAdmin = true;
        // Replies read through Execute differ between the protocols.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.LoggerFactory = _refusal;
        configuration.RequestBufferPool = new PagePool();
        configuration.AsyncTimeout += (int)block.TotalMilliseconds;
        if (Primary is not null)
        {
            // The library's own Sentinel support accepts any server that calls itself a primary, as an old one does when it comes back, and
            // stays connected to one that hangs. This connection knows only the primary that the Sentinels name.
            configuration.ServiceName = null;
            configuration.EndPoints.Clear();
            configuration.EndPoints.Add(Primary);
            configuration.TieBreaker = "";
        }

        return configuration;
    }
}
