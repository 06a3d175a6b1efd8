using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 504, Level = LogLevel.Warning,
        Message = "Other users of this machine have access to {Path} (mode {Mode}). To remove their access: chmod go= '{Path}'.")]
    public static partial void ReadableByOthers(ILogger logger, string path, string mode);

    [LoggerMessage(
        EventId = 505, Level = LogLevel.Warning,
        Message = "Received {Count} wrong keys from {Address} within a minute. Answers to its wrong keys are delayed.")]
    public static partial void WrongKeys(ILogger logger, int count, string address);

    [LoggerMessage(EventId = 506, Level = LogLevel.Error, Message = "Failed to answer a request to {Path}.")]
    public static partial void RequestFailed(ILogger logger, string path, Exception error);
}
