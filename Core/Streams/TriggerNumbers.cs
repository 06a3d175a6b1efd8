using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads a stream with the commands of KEDA's redis-streams scaler.</summary>
internal static class TriggerNumbers
{
    /// <summary>The error of a lag on a Redis that reports none.</summary>
    public const string TooOld = "Redis reports no lag before 7.0";

    // The first Redis that reports a group's lag.
    private const int LagMajor = 7;

    /// <summary>XPENDING: deliveries that are not settled. An error without a group.</summary>
    public static async Task<long> PendingAsync(IDatabase database, RedisKey stream, string group) =>
        (await database.StreamPendingAsync(stream, group)).PendingMessageCount;

    /// <summary>XLEN: entries in the stream, settled ones included.</summary>
    public static Task<long> LengthAsync(IDatabase database, RedisKey stream) => database.StreamLengthAsync(stream);

    /// <summary>XINFO GROUPS: entries that the group has not read. The length without the group.</summary>
    public static async Task<long> LagAsync(IDatabase database, RedisKey stream, string group) => await LagRule.LagAsync(
        await GroupsAsync(database, stream), group, () => database.StreamLengthAsync(stream));

    /// <summary>Whether the server is known to report no lag.</summary>
    public static bool IsTooOld(IDatabase database) =>
        database.Multiplexer.GetServers().FirstOrDefault(server => server.IsConnected)?.Version.Major < LagMajor;

    private static async Task<IReadOnlyCollection<KeyValuePair<string, long?>>?> GroupsAsync(IDatabase database, RedisKey stream)
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
