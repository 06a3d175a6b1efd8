using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using MailKit;

namespace EmailIngestion.Mailboxes;

/// <summary>Converts an exception that ended a poll to the poll's result. Pure.</summary>
internal static class PollFailure
{
    /// <summary>The result of a failed poll.</summary>
    /// <param name="progress">The counts of the poll.</param>
    /// <param name="error">The exception.</param>
    /// <param name="backingOff">The end of the back-off that follows, and its reason; null when there is none.</param>
    public static PollResult Of(PollResult progress, Exception error, string? backingOff) => progress with
    {
        End = PollEnd.Failed,
        Error = Describe(error),
        BackingOff = backingOff,
        IsOwnFault = IsOwn(error),
        Fault = Fault(error),
    };

    // One line for a person.
    private static string Describe(Exception error) => error switch
    {
        MailboxException or DamagedCursorException or RedisRefusedException => error.Message,
        _ when RedisErrors.IsRedis(error) => $"Redis refuses what is needed: {RedisErrors.Text(error)}.",
        _ => BoundedText.Line($"{error.GetType().Name}: {error.Message}"),
    };

    // A fault of this process, not of the mail server or of Redis.
    private static bool IsOwn(Exception error) =>
        !ConnectionCut.Is(error) && error is not (MailboxException or CommandException) && !RedisErrors.IsRedis(error);

    // An exception whose message explains the problem needs no stack trace.
    private static Exception? Fault(Exception error) =>
        IsOwn(error) && error is not (DamagedCursorException or RedisRefusedException or MailboxThrottledException)
            ? CleanedException.Of(error)
            : null;
}
