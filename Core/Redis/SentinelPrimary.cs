using System.Net;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Asks the Sentinels which server is the primary.</summary>
internal sealed class SentinelPrimary(RedisSettings settings, TimeProvider time) : IAsyncDisposable
{
    private const int AnswerTimeoutMs = 1_000;

    private readonly ConfigurationOptions _configuration = settings.Configuration();
    private readonly string? _password = string.IsNullOrEmpty(settings.SentinelPassword) ? null : settings.SentinelPassword;
    private readonly RedisRefusal _refusal = new();
    private ConnectionMultiplexer? _sentinels;

    private string Service => _configuration.ServiceName!;

    /// <summary>The error message when <see cref="FindAsync"/> finds no primary.</summary>
    public string Unknown => $"No Sentinel says where the primary of '{Service}' is" + (_refusal.Text switch
    {
        null => ".",
        BriefError.WrongPassword when _password is null =>
            ": they do not accept the user or password of Redis. Streams:SentinelPassword is not set.",
        BriefError.WrongPassword => ": they do not accept Streams:SentinelPassword.",
        var reason => $": {reason}",
    });

    /// <summary>The address that more than half of the answering Sentinels name. Null when none answers or they do not agree.</summary>
    public async Task<EndPoint?> FindAsync(CancellationToken cancellationToken)
    {
        var sentinels = _sentinels ??= await ConnectionMultiplexer.ConnectAsync(Configuration()).WaitAsync(cancellationToken);
        var answers = await Task.WhenAll(
            sentinels.GetEndPoints(configuredOnly: true).Select(endpoint => AskAsync(sentinels.GetServer(endpoint))));
        cancellationToken.ThrowIfCancellationRequested();
        var named = answers.OfType<EndPoint>().ToArray();
        if (named.Length > 0)
            _refusal.Forget();
        return named.GroupBy(endpoint => endpoint).FirstOrDefault(group => group.Count() * 2 > named.Length)?.Key;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sentinels is not null)
            await _sentinels.DisposeAsync();
    }

    private async Task<EndPoint?> AskAsync(IServer sentinel)
    {
        try
        {
            return await sentinel.SentinelGetMasterAddressByNameAsync(Service).WaitAsync(TimeSpan.FromMilliseconds(AnswerTimeoutMs), time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The Sentinel is away or does not know the service. The others are asked too.
            return null;
        }
    }

    private ConfigurationOptions Configuration()
    {
        var sentinels = _configuration.Clone();
        sentinels.ServiceName = null;
        sentinels.CommandMap = CommandMap.Sentinel;
        sentinels.TieBreaker = "";
        // A Sentinel password without a Sentinel user belongs to the default user, not to the user of Redis.
        sentinels.User = settings.SentinelUser is { Length: > 0 } user ? user : _password is null ? _configuration.SentinelUser : "";
        sentinels.Password = _password ?? _configuration.SentinelPassword;
        sentinels.DefaultDatabase = null;
        sentinels.ClientName ??= "email-ingestion-sentinels";
        sentinels.AbortOnConnectFail = false;
        sentinels.ReconnectRetryPolicy = new ReconnectDelay();
        sentinels.LoggerFactory = _refusal;
        sentinels.Protocol = RedisProtocol.Resp2;
        sentinels.AsyncTimeout = AnswerTimeoutMs;
        return sentinels;
    }
}
