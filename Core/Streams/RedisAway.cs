using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What a command fails with when Redis is not there, or refuses it.</summary>
internal static class RedisAway
{
    /// <summary>The last: a command that waited on connections which were replaced meanwhile.</summary>
    public static bool Is(Exception error) => error is RedisException or TimeoutException or ObjectDisposedException;
}
