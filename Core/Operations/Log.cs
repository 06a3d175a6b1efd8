using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Operations;

internal static partial class Log
{
    [LoggerMessage(EventId = 510, Level = LogLevel.Warning, Message = "Health check {Check} is {Status}: {Description}")]
    public static partial void CheckFailed(ILogger logger, string check, HealthStatus status, string description, Exception? exception);

    [LoggerMessage(EventId = 511, Level = LogLevel.Information, Message = "Health check {Check} is healthy again.")]
    public static partial void CheckRecovered(ILogger logger, string check);
}
