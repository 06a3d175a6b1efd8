using System.Net;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>The connections that were opened to one state of the servers, and end together.</summary>
internal sealed class RedisConnectionSet : IAsyncDisposable
{
    /// <summary>What the names of our clients begin with, as CLIENT LIST shows them.</summary>
    public const string ClientNamePrefix = "email-ingestion-";

    private readonly RedisSettings _settings;
    private readonly Lock _gate = new();
    private readonly Dictionary<IConnectionMultiplexer, RedisKey> _opened = [];
    private readonly RedisRefusal _refusal = new();
    private bool _ended;

    private RedisConnectionSet(RedisSettings settings, EndPoint? primary) => (_settings, Primary) = (settings, primary);

    /// <summary>The primary that the Sentinels named; null without Sentinels, where the configuration says it all.</summary>
    public EndPoint? Primary { get; }

    public IConnectionMultiplexer Shared { get; private set; } = null!;

    public static async Task<RedisConnectionSet> OpenAsync(RedisSettings settings, EndPoint? primary, CancellationToken cancellationToken)
    {
        var result = new RedisConnectionSet(settings, primary);
        result.Shared = await result.OpenAsync("shared", TimeSpan.Zero, default, cancellationToken);
        result.Shared.ConnectionRestored += (_, _) => result._refusal.Forget();
        return result;
    }

    /// <exception cref="RedisConnectionException">Nothing is connected, since the servers and we do not accept each other.</exception>
    public void ThrowIfRefused()
    {
        if (_refusal.Text is { } reason && !Shared.IsConnected)
            throw new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, CommandFlags.None, reason);
    }

    /// <summary>One more connection, whose commands may block for the given time, and which is for one key.</summary>
    /// <exception cref="RedisConnectionException">This generation has ended meanwhile.</exception>
    public async Task<IConnectionMultiplexer> OpenAsync(string purpose, TimeSpan block, RedisKey key, CancellationToken cancellationToken)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(Configuration(purpose, block));
        try
        {
            var connection = await connecting.WaitAsync(cancellationToken);
            lock (_gate)
            {
                if (!_ended)
                {
                    _opened.Add(connection, key);
                    return connection;
                }
            }

            await EndAsync(connection);
        }
        catch (OperationCanceledException)
        {
            // It opens all the same.
            _ = connecting.ContinueWith(opened => EndAsync(opened.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        throw new RedisConnectionException(ConnectionFailureType.ConnectionDisposed, CommandFlags.None, "The connection was replaced while it was opened.");
    }

    /// <summary>Whether a connection is one of these and not closed yet.</summary>
    public bool Has(IConnectionMultiplexer connection)
    {
        lock (_gate)
            return _opened.ContainsKey(connection);
    }

    /// <summary>
    /// Closes those that would find their key elsewhere than the shared one, which gets through: they were opened by what a node of a
    /// Cluster knew that had not heard of a failover yet, and wait for the former primary.
    /// </summary>
    public Task CloseStaleAsync()
    {
        IConnectionMultiplexer[] strays;
        lock (_gate)
            strays = [.. _opened.Where(opened => opened.Key != Shared && Place(opened.Key, opened.Value) != Place(Shared, opened.Value)).Select(opened => opened.Key)];
        return Task.WhenAll(strays.Select(CloseAsync));

        static string? Place(IConnectionMultiplexer connection, RedisKey key)
        {
            try
            {
                return connection.PrimaryOf(key).EndPoint.ToString();
            }
            catch (Exception e) when (RedisOutage.Is(e))
            {
                // Nowhere.
                return null;
            }
        }
    }

    /// <summary>Closes one of its connections before the others.</summary>
    public async Task CloseAsync(IConnectionMultiplexer connection)
    {
        bool ours;
        lock (_gate)
            ours = _opened.Remove(connection);
        if (ours)
            await EndAsync(connection);
    }

    /// <summary>Ends all of them; what is under way on them fails.</summary>
    public async ValueTask DisposeAsync()
    {
        IConnectionMultiplexer[] opened;
        lock (_gate)
        {
            _ended = true;
            opened = [.. _opened.Keys];
            _opened.Clear();
        }

        await Task.WhenAll(opened.Select(EndAsync));
    }

    // Without waiting for what is under way: a server that hangs would hold us up as it did before.
    private static async Task EndAsync(IConnectionMultiplexer connection)
    {
        await connection.CloseAsync(allowCommandsToComplete: false);
        await connection.DisposeAsync();
    }

    private ConfigurationOptions Configuration(string purpose, TimeSpan block)
    {
        var configuration = _settings.Configuration();
        configuration.ClientName ??= ClientNamePrefix + purpose;
        // Redis that is away is waited for, at start as later: nothing is lost meanwhile, the mail is in the mailbox.
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new ReconnectDelay();
        // For INFO, which tells how full the memory is; nothing else of ours needs it.
        configuration.AllowAdmin = true;
        // Replies read through Execute differ between the protocols.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.LoggerFactory = _refusal;
        configuration.RequestBufferPool = new PagePool();
        configuration.AsyncTimeout += (int)block.TotalMilliseconds;
        if (Primary is not null)
        {
            // The library's own Sentinel connection takes any server that calls itself a primary, as an old one does when it comes back,
            // and stays at one that hangs. Ours knows only the one that the Sentinels name.
            configuration.ServiceName = null;
            configuration.EndPoints.Clear();
            configuration.EndPoints.Add(Primary);
            configuration.TieBreaker = "";
        }

        return configuration;
    }
}
