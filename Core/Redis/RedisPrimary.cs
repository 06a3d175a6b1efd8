using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Finds the server that has a key.</summary>
internal static class RedisPrimary
{
    /// <exception cref="RedisConnectionException">
    /// No server is known now. The client library throws InvalidOperationException for that.
    /// </exception>
    public static IServer PrimaryOf(this IConnectionMultiplexer multiplexer, RedisKey key)
    {
        try
        {
            return multiplexer.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw new RedisConnectionException(
                ConnectionFailureType.UnableToConnect, CommandFlags.None, "No Redis server is known to have the key.", e);
        }
    }
}
