using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams.Control;

internal static partial class Log
{
    [LoggerMessage(EventId = 140, Level = LogLevel.Warning, Message = "{Who} paused {Target} of {Stream} at {Since:u}: {Reason}")]
    public static partial void Paused(ILogger logger, string who, string target, string stream, DateTimeOffset since, string reason);

    [LoggerMessage(EventId = 141, Level = LogLevel.Information, Message = "Resumed {Target} of {Stream}.")]
    public static partial void Resumed(ILogger logger, string target, string stream);

    [LoggerMessage(EventId = 142, Level = LogLevel.Information, Message = "{Who} set the concurrency of {Stream} to {Concurrency}.")]
    public static partial void ConcurrencySet(ILogger logger, string who, string stream, int concurrency);

    [LoggerMessage(EventId = 143, Level = LogLevel.Information, Message = "The concurrency of {Stream} is Consumer:Concurrency again.")]
    public static partial void ConcurrencyReset(ILogger logger, string stream);
}
