using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Checks whether a connection gets answers from the primaries of these keys.</summary>
internal sealed class RedisProbe(IReadOnlyList<RedisKey> keys, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    public async Task<bool> GetsThroughAsync(IConnectionMultiplexer multiplexer, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var server in keys.Select(multiplexer.PrimaryOf).DistinctBy(server => server.EndPoint))
            {
                var replication = await server.InfoRawAsync("replication").WaitAsync(AnswerTimeout, time, cancellationToken);
                if (replication?.Contains("role:slave", StringComparison.Ordinal) == true)
                    return false;
            }

            return true;
        }
        catch (RedisServerException)
        {
            // It answers, even if the answer is LOADING or NOPERM.
            return true;
        }
        catch (Exception e) when (RedisErrors.IsPassing(e) || e is TimeoutException)
        {
            return false;
        }
    }
}
