using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>The server that has a key.</summary>
internal static class RedisPrimary
{
    /// <exception cref="RedisConnectionException">None is known now. The client library calls that an invalid operation.</exception>
    public static IServer PrimaryOf(this IConnectionMultiplexer multiplexer, RedisKey key)
    {
        try
        {
            return multiplexer.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "No server of Redis is known that has the key.", e);
        }
    }
}
