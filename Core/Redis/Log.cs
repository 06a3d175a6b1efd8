using Microsoft.Extensions.Logging;

namespace EmailIngestion.Redis;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 100,
        Level = LogLevel.Warning,
        Message = "Redis is not reachable: {Error}. Waiting for Redis; the emails stay in the mailboxes.")]
    public static partial void RedisAway(ILogger logger, string error);

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Redis is reachable again.")]
    public static partial void RedisBack(ILogger logger);

    [LoggerMessage(
        EventId = 104,
        Level = LogLevel.Warning,
        Message = "The Sentinels name another primary: {Primary}, before {Former}. Reconnecting to it.")]
    public static partial void PrimaryMoved(ILogger logger, string primary, string former);

    [LoggerMessage(EventId = 105, Level = LogLevel.Warning, Message = "Replaced the connections to Redis, because they got no answer.")]
    public static partial void Reconnected(ILogger logger);

    [LoggerMessage(EventId = 106, Level = LogLevel.Warning, Message = "Failed to check the connections to Redis: {Error}.")]
    public static partial void CheckFailed(ILogger logger, string error, Exception? exception);

    [LoggerMessage(
        EventId = 113,
        Level = LogLevel.Error,
        Message = "Cannot sign in to Redis: {Error} Trying again; the emails stay in the mailboxes.")]
    public static partial void SignInRefused(ILogger logger, string error);

    [LoggerMessage(
        EventId = 114,
        Level = LogLevel.Information,
        Message = "Received a token for Redis: user {User}, valid until {ExpiresOn:u}.")]
    public static partial void TokenRenewed(ILogger logger, string user, DateTimeOffset expiresOn);

    [LoggerMessage(
        EventId = 115,
        Level = LogLevel.Warning,
        Message = "Failed to renew the token for Redis, which is valid until {ExpiresOn:u}: {Error} Asking again in {Pause}.")]
    public static partial void TokenNotRenewed(ILogger logger, string error, DateTimeOffset expiresOn, TimeSpan pause);

    [LoggerMessage(EventId = 116, Level = LogLevel.Error, Message = "There is no token for Redis: {Error} Asking again in {Pause}.")]
    public static partial void NoToken(ILogger logger, string error, TimeSpan pause);

    [LoggerMessage(
        EventId = 117,
        Level = LogLevel.Debug,
        Message = "Signed in again on {Connections} connections to Redis by the token that is valid until {ExpiresOn:u}.")]
    public static partial void SignedInAgain(ILogger logger, int connections, DateTimeOffset expiresOn);

    [LoggerMessage(
        EventId = 118, Level = LogLevel.Error, Message = "Failed to renew the sign-in to Redis by a fault of this program. Trying again.")]
    public static partial void SignInBroken(ILogger logger, Exception error);

    [LoggerMessage(EventId = 111, Level = LogLevel.Error, Message = "Redis refuses a command for good: {Error}")]
    public static partial void RedisRefuses(ILogger logger, string error);

    [LoggerMessage(EventId = 112, Level = LogLevel.Error, Message = "Caught an unexpected error. Continuing.")]
    public static partial void Unexpected(ILogger logger, Exception error);
}
