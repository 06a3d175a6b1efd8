using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>Why an email becomes a dead letter.</summary>
/// <param name="Reason">One of <see cref="DeadLetterReasons"/>.</param>
/// <param name="ErrorType">The exception's type, or the reason again.</param>
/// <param name="ErrorMessage">The error in one line of at most 1,000 characters.</param>
internal sealed partial record FailureRecord(string Reason, string ErrorType, string ErrorMessage)
{
    private const int MaxMessage = 1_000;

    /// <summary>The exception with its stack trace and its causes, at most 8 KB. Empty when there was no exception.</summary>
    public string StackTrace { get; init; } = "";

    /// <summary>What a consumer notes of the dead letter. Without its message the mailbox may have the only copy.</summary>
    public NoteOutcome NoteOutcome => Reason is DeadLetterReasons.BodyMismatch or DeadLetterReasons.BodyMissing
        ? NoteOutcome.DeadLetterWithoutMessage
        : NoteOutcome.DeadLetter;

    /// <summary>16 hexadecimal digits, the same for errors that differ only in numbers, ids and quoted text.</summary>
    public string Fingerprint
    {
        get
        {
            var general = Variable().Replace(ErrorMessage, "#");
            var text = Encoding.UTF8.GetBytes($"{Reason}\n{ErrorType}\n{general}");
            return XxHash64.HashToUInt64(text).ToString("x16", CultureInfo.InvariantCulture);
        }
    }

    public static FailureRecord Of(string reason, Exception error) =>
        Of(reason, error.GetType().Name, error.Message) with { StackTrace = ErrorTrace.Of(error) };

    /// <summary>A failure without an exception.</summary>
    public static FailureRecord Of(string reason, string message) => Of(reason, reason, message);

    public static FailureRecord Of(string reason, string errorType, string message) =>
        new(reason, errorType, BoundedText.Line(message, MaxMessage));

    [GeneratedRegex("""[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*|(?<!\w)'[^']*'(?!\w)|"[^"]*["]""")]
    private static partial Regex Variable();
}
