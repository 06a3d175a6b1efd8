using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.SignIn;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 260,
        Level = LogLevel.Warning,
        Message = "{Account}: the token endpoint replaced the refresh token, and Polling:KeyFolder is not set: "
            + "the new one is in memory only, and a restart of this process needs a new sign-in.")]
    public static partial void TokenNotKept(ILogger logger, string account);

    [LoggerMessage(
        EventId = 261,
        Level = LogLevel.Warning,
        Message = "{Account}: cannot decrypt the kept refresh token: Polling:KeyFolder lacks its key. Using the configured one.")]
    public static partial void TokenUnreadable(ILogger logger, string account);

    [LoggerMessage(
        EventId = 262,
        Level = LogLevel.Warning,
        Message = "{Account}: cannot save the new refresh token: {Error} It is in memory, and saving is repeated.")]
    public static partial void TokenNotSaved(ILogger logger, string account, string error);
}
