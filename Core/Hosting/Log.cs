using Microsoft.Extensions.Logging;

namespace EmailIngestion.Hosting;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 280,
        Level = LogLevel.Information,
        Message = "Read the mailboxes in {File} again: {Added} added, {Changed} changed, {Removed} removed; {Count} in all.")]
    public static partial void MailboxesChanged(ILogger logger, string file, int added, int changed, int removed, int count);

    [LoggerMessage(
        EventId = 281,
        Level = LogLevel.Error,
        Message = "Refused the change of the mailboxes in {File}; the former ones stay: {Fault}")]
    public static partial void MailboxesRefused(ILogger logger, string file, string fault);

    [LoggerMessage(
        EventId = 282,
        Level = LogLevel.Error,
        Message = "Reading the mailboxes in {File} failed by a fault of this program; the former ones stay.")]
    public static partial void MailboxesBroken(ILogger logger, string file, Exception exception);
}
