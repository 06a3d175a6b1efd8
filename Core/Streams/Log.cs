using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams;

internal static partial class Log
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Warning, Message = "Redis is not reachable: {Error}. Waiting for it; the mail stays in the mailboxes.")]
    public static partial void RedisAway(ILogger logger, string error);

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Redis is reachable again.")]
    public static partial void RedisBack(ILogger logger);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "Redis has used {Percent} % of maxmemory ({Level}).")]
    public static partial void MemoryHigh(ILogger logger, int percent, string level);

    [LoggerMessage(EventId = 103, Level = LogLevel.Critical, Message = "{Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(EventId = 104, Level = LogLevel.Warning, Message = "The Sentinels name another primary: {Primary}, before {Former}. Going on there.")]
    public static partial void PrimaryMoved(ILogger logger, string primary, string former);

    [LoggerMessage(EventId = 105, Level = LogLevel.Warning, Message = "The connections to Redis did not get through any more, and were replaced.")]
    public static partial void Reconnected(ILogger logger);

    [LoggerMessage(EventId = 106, Level = LogLevel.Warning, Message = "The connections to Redis could not be looked after: {Error}.")]
    public static partial void LookFailed(ILogger logger, string error);

    [LoggerMessage(EventId = 107, Level = LogLevel.Warning, Message = "Redis has min-replicas-to-write 0: a primary that is cut off from its replicas goes on taking what the next failover loses. See docs/runbook.md, What a failover costs.")]
    public static partial void WritesAlone(ILogger logger);
}
