using EmailIngestion.Redis;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads triggers from Redis with the commands of KEDA's redis-streams scaler.</summary>
internal sealed class RedisTriggers(RedisConnection connection)
{
    // KEDA pings Redis before it uses a scaler: an error that PING also gets leaves KEDA without one.
    private static readonly string[] OfPingToo = ["NOAUTH", "WRONGPASS", "LOADING", "MASTERDOWN", "BUSY ", "ERR max number of clients"];

    public async Task<TriggerReading> ReadAsync(Trigger trigger, CancellationToken cancellationToken)
    {
        try
        {
            var database = (await connection.GetAsync(cancellationToken)).GetDatabase(trigger.Database ?? -1);
            if (trigger.Kind == TriggerKind.Lag && TriggerNumbers.IsTooOld(database))
                return TriggerReading.Failed(TriggerNumbers.TooOld);
            // A stop does not wait for a Redis that does not answer.
            return TriggerReading.Of(await ReadAsync(database, trigger).WaitAsync(cancellationToken));
        }
        catch (RedisServerException e)
        {
            var error = RedisErrors.Text(e);
            return OfPingToo.Any(code => e.Message.StartsWith(code, StringComparison.Ordinal))
                ? TriggerReading.Unreachable(error)
                : TriggerReading.Failed(error);
        }
        catch (RedisConnectionException e) when (e.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            return TriggerReading.Unreachable(RedisErrors.Text(e));
        }
        catch (RedisSignInException e)
        {
            return TriggerReading.Unreachable(RedisErrors.Text(e));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // The library's message holds a page of its internal state.
            return TriggerReading.Unreachable("Redis does not answer");
        }
    }

    private static Task<long> ReadAsync(IDatabase database, Trigger trigger) => trigger.Kind switch
    {
        TriggerKind.Pending => TriggerNumbers.PendingAsync(database, trigger.Stream, trigger.Group!),
        TriggerKind.Lag => TriggerNumbers.LagAsync(database, trigger.Stream, trigger.Group!),
        _ => TriggerNumbers.LengthAsync(database, trigger.Stream),
    };
}
