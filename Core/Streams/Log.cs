using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams;

internal static partial class Log
{
    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "Redis has used {Percent} % of maxmemory ({Level}).")]
    public static partial void MemoryHigh(ILogger logger, int percent, string level);

    [LoggerMessage(
        EventId = 107,
        Level = LogLevel.Warning,
        Message = "Redis has min-replicas-to-write 0: a primary that is cut off from its replicas accepts writes "
            + "that the next failover loses. See docs/runbook.md, What a failover costs.")]
    public static partial void WritesWithoutReplica(ILogger logger);

    [LoggerMessage(
        EventId = 108,
        Level = LogLevel.Warning,
        Message = "Redis accepts emails of at most {Limit} bytes ({Setting}), and Polling:MaxMessageBytes is {MaxMessageBytes}: "
            + "larger emails become dead letters with their headers.")]
    public static partial void LimitBelowMaxMessageBytes(ILogger logger, long limit, string setting, long maxMessageBytes);

    [LoggerMessage(
        EventId = 109,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: Redis refused UID {Uid} in poll {Stops} of {Attempts}: {Why} "
            + "After the last poll the email becomes a dead letter with its headers.")]
    public static partial void EntryRefused(ILogger logger, string mailbox, uint uid, int stops, int attempts, string why);

    [LoggerMessage(EventId = 110, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void MemoryUnknown(ILogger logger, string warning);

    [LoggerMessage(
        EventId = 120,
        Level = LogLevel.Warning,
        Message = "Polling into {Stream} stops at the stream limit: lag {Lag}, pending {Pending}, limit {Limit} (Streams:MaxStreamLength). "
            + "Outstanding entries: {Waits}. The emails stay in the mailboxes.")]
    public static partial void PollingStopsAtLimit(ILogger logger, string stream, long? lag, long pending, int limit, string waits);

    [LoggerMessage(
        EventId = 121,
        Level = LogLevel.Warning,
        Message = "Polling into {Stream} stops: Redis has used {Percent} % of maxmemory (Streams:MaxMemoryRatio); "
            + "lag {Lag}, pending {Pending}. Outstanding entries: {Waits}. The emails stay in the mailboxes.")]
    public static partial void PollingStopsForMemory(ILogger logger, string stream, int percent, long? lag, long pending, string waits);

    [LoggerMessage(
        EventId = 122,
        Level = LogLevel.Information,
        Message = "Polling into {Stream} continues after {Duration}: lag {Lag}, pending {Pending}.")]
    public static partial void PollingContinues(ILogger logger, string stream, TimeSpan duration, long? lag, long pending);

    [LoggerMessage(
        EventId = 123,
        Level = LogLevel.Error,
        Message = "{Count} entries vanished from {Stream} before they were processed: {Entries}. Somebody deleted them (XTRIM, XDEL). "
            + "Read the emails again as docs/runbook.md, EmailEntriesVanished, describes.")]
    public static partial void EntriesVanished(ILogger logger, string stream, long count, string entries);

    [LoggerMessage(EventId = 130, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void PersistenceWeak(ILogger logger, string warning);
}
