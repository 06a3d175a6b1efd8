using System.Net;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Asks the Sentinels which server is the primary.</summary>
internal sealed class SentinelPrimary(ConfigurationOptions configuration, TimeProvider time) : IAsyncDisposable
{
    private const int AnswersWithinMs = 1_000;

    private ConnectionMultiplexer? _sentinels;

    public string Service => configuration.ServiceName!;

    /// <summary>The address that most of the Sentinels that answer give; null when none does, or they do not agree.</summary>
    public async Task<EndPoint?> FindAsync(CancellationToken cancellationToken)
    {
        var sentinels = _sentinels ??= await ConnectionMultiplexer.ConnectAsync(Configuration()).WaitAsync(cancellationToken);
        var answers = await Task.WhenAll(sentinels.GetEndPoints(configuredOnly: true).Select(endpoint => AskAsync(sentinels.GetServer(endpoint))));
        cancellationToken.ThrowIfCancellationRequested();
        var named = answers.OfType<EndPoint>().ToArray();
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
            return await sentinel.SentinelGetMasterAddressByNameAsync(Service).WaitAsync(TimeSpan.FromMilliseconds(AnswersWithinMs), time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Away, or it does not know the service: the others are asked too.
            return null;
        }
    }

    private ConfigurationOptions Configuration()
    {
        var sentinels = configuration.Clone();
        sentinels.ServiceName = null;
        sentinels.CommandMap = CommandMap.Sentinel;
        sentinels.TieBreaker = "";
        sentinels.User = configuration.SentinelUser ?? configuration.User;
        sentinels.Password = configuration.SentinelPassword ?? configuration.Password;
        sentinels.DefaultDatabase = null;
        sentinels.ClientName ??= "email-ingestion-sentinels";
        sentinels.AbortOnConnectFail = false;
        sentinels.ReconnectRetryPolicy = new LinearRetry(AnswersWithinMs);
        sentinels.Protocol = RedisProtocol.Resp2;
        sentinels.AsyncTimeout = AnswersWithinMs;
        return sentinels;
    }
}
