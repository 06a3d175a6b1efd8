using Microsoft.Extensions.Logging;

namespace EmailIngestion.Redis;

/// <summary>Logs an error by its kind: Redis is away, refuses the sign-in or a command, or a fault of this program.</summary>
internal static class RedisErrorLog
{
    public static void Report(ILogger logger, Exception error)
    {
        if (RedisErrors.IsReplaced(error))
            return;
        if (error is RedisSignInException)
            Log.SignInRefused(logger, BriefError.Of(error));
        else if (RedisErrors.IsPassing(error))
            Log.RedisAway(logger, BriefError.Of(error));
        else if (error is RedisRefusedException || RedisErrors.IsRedis(error))
            Log.RedisRefuses(logger, RedisErrors.Text(error));
        else
            Log.Unexpected(logger, error);
    }
}
