namespace EmailIngestion.Redis;

/// <summary>Recognises errors of a Redis that is away. They pass by themselves.</summary>
internal static class RedisOutage
{
    public static bool Is(Exception error) => RedisErrors.KindOf(error) == RedisFailure.Passing;
}
