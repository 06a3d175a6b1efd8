using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Whether an exception is Redis's: away, refusing, too slow, or a connection that was replaced between being taken and being used.</summary>
internal static class RedisTrouble
{
    public static bool Is(Exception error) => error is RedisException or TimeoutException or ObjectDisposedException;
}
