using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>What an exception that ended a poll means. Pure.</summary>
internal static class PollFailure
{
    /// <summary>The result of a poll that ended by it, left alone until then.</summary>
    public static PollResult Of(PollResult progress, Exception error, string? leftAlone) =>
        progress with { End = PollEnd.Failed, Error = Describe(error), BackingOff = leftAlone, IsOwnFault = IsOwn(error), Fault = Fault(error) };

    // One line for a person.
    private static string Describe(Exception error) => error switch
    {
        MailboxException or DamagedCursorException or RedisRefusedException => error.Message,
        _ when RedisErrors.IsRedis(error) => $"Redis refuses what is needed: {RedisErrors.Text(error)}.",
        _ => BoundedText.Line($"{error.GetType().Name}: {error.Message}"),
    };

    // A fault of this process, not of the mail server or of Redis.
    private static bool IsOwn(Exception error) => error is not (MailboxException or IOException) && !RedisErrors.IsRedis(error);

    // What says itself what is wrong has no need of a stack trace.
    private static Exception? Fault(Exception error) =>
        IsOwn(error) && error is not (DamagedCursorException or RedisRefusedException or MailboxThrottledException) ? CleanedException.Of(error) : null;
}
