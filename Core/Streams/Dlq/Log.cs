using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams.Dlq;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 145, Level = LogLevel.Information,
        Message = "Corrected {Count} items in the index of {DeadLetters}: an older version or a person had changed the dead letters.")]
    public static partial void IndexRepaired(ILogger logger, long count, string deadLetters);

    [LoggerMessage(
        EventId = 146, Level = LogLevel.Warning,
        Message = "Cannot correct the index of {DeadLetters}: {Error} Lists by fingerprint are slow, and groups are incomplete.")]
    public static partial void IndexNotRepaired(ILogger logger, string deadLetters, string error);

    [LoggerMessage(EventId = 147, Level = LogLevel.Error, Message = "The maintenance of the dead letters' index failed. It tries again.")]
    public static partial void IndexMaintenanceBroken(ILogger logger, Exception exception);
}
