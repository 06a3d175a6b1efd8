using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What a command fails with when Redis is not there, or refuses it.</summary>
internal static class RedisAway
{
    /// <summary>The last two: no server is known that has the key, and a command that waited on connections which were replaced meanwhile.</summary>
    public static bool Is(Exception error) => error is RedisException or TimeoutException or RedisCommandException or ObjectDisposedException;
}
