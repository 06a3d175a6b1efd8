namespace EmailIngestion.Redis;

/// <summary>What a command fails with while Redis is not there: it passes by itself.</summary>
internal static class RedisOutage
{
    public static bool Is(Exception error) => RedisErrors.KindOf(error) == RedisFailure.Passing;
}
