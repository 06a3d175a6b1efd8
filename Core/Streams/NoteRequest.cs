using System.Globalization;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// Which outcomes of an email are noted for the poller. The entry carries it, because a consumer may not have the settings of the mailbox,
/// and older entries keep the request that they were appended with.
/// </summary>
/// <param name="Epoch">The epoch of the email's UID.</param>
/// <param name="Completed">Whether a completed email is noted.</param>
/// <param name="DeadLetters">Whether a dead letter is noted.</param>
internal sealed partial record NoteRequest(int Epoch, bool Completed, bool DeadLetters)
{
    /// <summary>The value of the entry's field: <c>2 cd</c>.</summary>
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"{Epoch} {(Completed ? "c" : "")}{(DeadLetters ? "d" : "")}");

    /// <summary>Reads the request of an entry. Null when it has none, or an unknown one.</summary>
    public static NoteRequest? Of<TFields>(ref TFields fields)
        where TFields : struct, IEntryFields, allows ref struct
    {
        if (fields.Text(EntryFields.Notes) is not { } text || Form().Match(text) is not { Success: true } match)
            return null;
        return int.TryParse(match.Groups["epoch"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? new NoteRequest(epoch, match.Groups["completed"].Length > 0, match.Groups["dead"].Length > 0)
            : null;
    }

    /// <summary>The note of an outcome. Null when it is not asked for.</summary>
    public string? Note(NoteOutcome outcome, EmailMessage message) =>
        Prefix(outcome, message) is { } prefix ? string.Create(CultureInfo.InvariantCulture, $"{prefix}{message.Uid}") : null;

    /// <summary>The note of an outcome without its UID. Null when it is not asked for.</summary>
    public string? Prefix(NoteOutcome outcome, EmailMessage message)
    {
        var isAsked = outcome == NoteOutcome.Completed ? Completed : DeadLetters;
        return isAsked ? string.Create(CultureInfo.InvariantCulture, $"{(char)outcome}:{message.UidValidity}:{Epoch}:") : null;
    }

    [GeneratedRegex(@"\A(?<epoch>[0-9]{1,10}) (?<completed>c?)(?<dead>d?)\z")]
    private static partial Regex Form();
}
