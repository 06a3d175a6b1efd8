using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads triggers from Redis with the commands of KEDA's redis-streams scaler.</summary>
internal sealed class RedisTriggers(RedisConnection connection)
{
    // The first Redis that reports a group's lag.
    private const int LagMajor = 7;

    // KEDA pings Redis before it uses a scaler: an error that PING also gets leaves KEDA without one.
    private static readonly string[] OfPingToo = ["NOAUTH", "WRONGPASS", "LOADING", "MASTERDOWN", "BUSY ", "ERR max number of clients"];

    public async Task<TriggerReading> ReadAsync(Trigger trigger, CancellationToken cancellationToken)
    {
        try
        {
            var database = (await connection.GetAsync(cancellationToken)).GetDatabase(trigger.Database ?? -1);
            if (trigger.Kind == TriggerKind.Lag && IsTooOld(database))
                return TriggerReading.Failed($"Redis reports no lag before {LagMajor}.0");
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

    private static async Task<long> ReadAsync(IDatabase database, Trigger trigger) => trigger.Kind switch
    {
        TriggerKind.Pending => (await database.StreamPendingAsync(trigger.Stream, trigger.Group)).PendingMessageCount,
        TriggerKind.Lag => await LagAsync(database, trigger),
        _ => await database.StreamLengthAsync(trigger.Stream),
    };

    private static async Task<long> LagAsync(IDatabase database, Trigger trigger) => await LagRule.LagAsync(
        await GroupsAsync(database, trigger.Stream), trigger.Group!, () => database.StreamLengthAsync(trigger.Stream));

    private static bool IsTooOld(IDatabase database) =>
        database.Multiplexer.GetServers().FirstOrDefault(server => server.IsConnected)?.Version.Major < LagMajor;

    private static async Task<IReadOnlyCollection<KeyValuePair<string, long?>>?> GroupsAsync(IDatabase database, string stream)
    {
        try
        {
            return [.. (await database.StreamGroupInfoAsync(stream)).Select(group => KeyValuePair.Create(group.Name, group.Lag))];
        }
        catch (RedisServerException e) when (e.Message == "ERR no such key")
        {
            return null;
        }
    }
}
