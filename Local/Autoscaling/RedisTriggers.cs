using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Reads triggers from Redis by the commands that KEDA's redis-streams scaler uses, of which ours is a re-telling.</summary>
internal sealed class RedisTriggers(RedisConnection connection)
{
    // The first Redis that knows a group's lag.
    private const int LagMajor = 7;

    public async Task<TriggerReading> ReadAsync(Trigger trigger, CancellationToken cancellationToken)
    {
        try
        {
            var database = (await connection.GetAsync(cancellationToken)).GetDatabase(trigger.Database ?? -1);
            return TriggerReading.Of(trigger.Kind switch
            {
                TriggerKind.Pending => (await database.StreamPendingAsync(trigger.Stream, trigger.Group)).PendingMessageCount,
                TriggerKind.Lag => await LagAsync(database, trigger),
                _ => await database.StreamLengthAsync(trigger.Stream),
            });
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return TriggerReading.Failed(e.Message.ReplaceLineEndings(" "));
        }
    }

    private static async Task<long> LagAsync(IDatabase database, Trigger trigger)
    {
        if (database.Multiplexer.GetServers().FirstOrDefault(server => server.IsConnected)?.Version is { } version && version.Major < LagMajor)
            throw new RedisException($"Redis {version} knows no lag: {LagMajor}.0 does.");
        return await LagRule.LagAsync(
            await GroupsAsync(database, trigger.Stream), trigger.Group!, () => database.StreamLengthAsync(trigger.Stream));
    }

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
