using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Operations;

internal static partial class Log
{
    [LoggerMessage(EventId = 510, Level = LogLevel.Warning, Message = "Health check {Check} is {Status}: {Description}")]
    public static partial void CheckFailed(ILogger logger, string check, HealthStatus status, string description, Exception? exception);

    [LoggerMessage(EventId = 511, Level = LogLevel.Information, Message = "Health check {Check} is healthy again.")]
    public static partial void CheckRecovered(ILogger logger, string check);

    [LoggerMessage(
        EventId = 530, Level = LogLevel.Information,
        Message = "Runs job {Job} ({Kind}) of partition '{Partition}': {Decided} of {Total} are decided.")]
    public static partial void JobRuns(ILogger logger, string job, string kind, string partition, long decided, long total);

    [LoggerMessage(
        EventId = 531, Level = LogLevel.Information,
        Message = "Job {Job} ({Kind}) is {State}: {Done} done, {Skipped} skipped, {Failed} failed. {Reason}")]
    public static partial void JobRan(
        ILogger logger, string job, string kind, string state, long done, long skipped, long failed, string reason);

    [LoggerMessage(EventId = 532, Level = LogLevel.Error, Message = "Job {Job} ({Kind}) failed.")]
    public static partial void JobBroken(ILogger logger, string job, string kind, Exception exception);

    [LoggerMessage(EventId = 533, Level = LogLevel.Warning, Message = "The jobs of partition '{Partition}' wait: {Error}")]
    public static partial void JobsWait(ILogger logger, string partition, string error, Exception? exception);
}
