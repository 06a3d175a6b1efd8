using System.Globalization;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Operations.Status;

/// <summary>What a mailbox does now, in a word and in a sentence. Pure.</summary>
/// <param name="State"><c>paused</c>, <c>polling</c>, <c>parked</c>, <c>backing off</c>, <c>watching</c> or <c>waiting</c>.</param>
/// <param name="Text">A sentence for people.</param>
/// <param name="Until">The end of that state, if it has one.</param>
public sealed record MailboxCondition(string State, string Text, DateTimeOffset? Until)
{
    /// <summary>Describes a mailbox.</summary>
    /// <param name="mailbox">What Redis knows of it.</param>
    /// <param name="control">What was changed at run time.</param>
    /// <param name="now">The time.</param>
    internal static MailboxCondition Of(MailboxSnapshot mailbox, ControlState control, DateTimeOffset now)
    {
        if (control.PauseOf(mailbox.Name) is { } pause)
            return new("paused", Pause(control.Everything is not null ? "Everything is paused" : "Paused", pause), null);
        if (mailbox.IsPolling)
            return new("polling", "A poll runs.", null);
        var until = mailbox.IsParked ? mailbox.ParkedUntil ?? mailbox.Until : mailbox.Until;
        if (until <= now)
            until = null;
        if (mailbox.IsParked)
            return new("parked", $"Parked{End(until)}, because its sign-in is refused: {mailbox.Error}", until);
        if (until is not null)
            return new("backing off", $"Backing off{End(until)}: {mailbox.Error}", until);
        var last = mailbox.PolledAt is { } at ? $"last poll at {Time(at)}" : "not polled yet";
        var error = mailbox.Error is { } text ? $"; the last poll failed: {text}" : "";
        return mailbox.IsWatched
            ? new("watching", $"Watching for new mail; {last}{error}.", null)
            : new("waiting", $"Waiting for the next poll by the timer; {last}{error}.", null);
    }

    private static string Pause(string what, ControlMark mark) =>
        $"{what} since {Time(mark.Since)} by {mark.Who}{(mark.Reason is { } reason ? $": {reason}" : "")}.";

    private static string End(DateTimeOffset? until) => until is { } time ? $" until {Time(time)}" : "";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
