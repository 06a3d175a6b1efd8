using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>What an exception that ended a poll means. Pure.</summary>
internal static class PollFailure
{
    /// <summary>One line for a person.</summary>
    public static string Describe(Exception error) => error switch
    {
        MailboxException or DamagedCursorException or RedisRefusedException => error.Message,
        _ when RedisErrors.IsRedis(error) => $"Redis refuses what is needed: {RedisErrors.Text(error)}.",
        _ => BoundedText.Line($"{error.GetType().Name}: {error.Message}"),
    };

    /// <summary>It is a fault of this process, not of the mail server or of Redis.</summary>
    public static bool IsOwn(Exception error) => error is not (MailboxException or IOException) && !RedisErrors.IsRedis(error);
}
