using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams.Orphans;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 601, Level = LogLevel.Debug,
        Message = "Deleted {Count} bodies of {Stream} that nothing refers to any more.")]
    public static partial void BodiesDeleted(ILogger logger, int count, string stream);

    [LoggerMessage(
        EventId = 602, Level = LogLevel.Information,
        Message = "Deleted {Count} orphaned bodies of {Stream}: nothing refers to them, and they are older than Bodies:OrphanAge. A crash "
            + "between the write of a body and its append leaves one.")]
    public static partial void OrphansDeleted(ILogger logger, long count, string stream);

    [LoggerMessage(
        EventId = 603, Level = LogLevel.Warning,
        Message = "Kept {Count} bodies of {Stream} that nothing is known to refer to: they are older than the hash {Referers} in Redis, "
            + "which somebody may have deleted. See docs/runbook.md, Bodies that nothing refers to.")]
    public static partial void BodiesUnknown(ILogger logger, long count, string stream, string referers);

    [LoggerMessage(
        EventId = 604, Level = LogLevel.Warning,
        Message = "Bodies that are no longer needed cannot be deleted: {Error} Trying again.")]
    public static partial void BodiesNotDeleted(ILogger logger, string error);

    [LoggerMessage(EventId = 605, Level = LogLevel.Error, Message = "The deletion of bodies failed. Trying again.")]
    public static partial void BodyMaintenanceBroken(ILogger logger, Exception error);
}
