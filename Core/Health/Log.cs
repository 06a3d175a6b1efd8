using Microsoft.Extensions.Logging;

namespace EmailIngestion.Health;

internal static partial class Log
{
    [LoggerMessage(EventId = 103, Level = LogLevel.Critical, Message = "{Reason}")]
    public static partial void Refused(ILogger logger, string reason);
}
