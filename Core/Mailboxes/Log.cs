using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 200,
        Level = LogLevel.Information,
        Message = "{Mailbox}: appended {Appended} emails, skipped {Duplicates} duplicates, dead-lettered {DeadLettered} "
            + "in {Milliseconds} ms.")]
    public static partial void Polled(
        ILogger logger, string mailbox, int appended, int duplicates, int deadLettered, long milliseconds);

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "{Mailbox}: the poll failed: {Error}")]
    public static partial void Failed(ILogger logger, string mailbox, string error);

    [LoggerMessage(EventId = 245, Level = LogLevel.Error, Message = "{Mailbox}: the poll failed by a fault of this program: {Error}")]
    public static partial void Broken(ILogger logger, string mailbox, string error, Exception exception);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "{Mailbox}: polling works again.")]
    public static partial void Recovered(ILogger logger, string mailbox);

    [LoggerMessage(
        EventId = 203,
        Level = LogLevel.Information,
        Message = "{Mailbox}: the poll was cut short ({End}) after {Appended} emails; the next poll continues there.")]
    public static partial void CutShort(ILogger logger, string mailbox, PollEnd end, int appended);

    [LoggerMessage(EventId = 204, Level = LogLevel.Debug, Message = "{Mailbox}: skipped the poll ({End}).")]
    public static partial void NotPolled(ILogger logger, string mailbox, PollEnd end);

    [LoggerMessage(
        EventId = 205,
        Level = LogLevel.Information,
        Message = "{Mailbox}: first poll, from '{StartFrom}': reading emails above UID {Last}.")]
    public static partial void FirstPoll(ILogger logger, string mailbox, string startFrom, uint last);

    [LoggerMessage(
        EventId = 206,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the server renumbered the folder "
            + "(UIDVALIDITY {Former}, last UID {FormerLast}; now UIDVALIDITY {UidValidity}). "
            + "Reading again above UID {Last}; emails appended before are recognised by their content.")]
    public static partial void Renumbered(
        ILogger logger, string mailbox, uint former, uint formerLast, uint uidValidity, uint last);

    [LoggerMessage(
        EventId = 207,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the server lists UID {Uid} but does not return it; the poll stops before it, "
            + "and the next poll requests it again.")]
    public static partial void Stuck(ILogger logger, string mailbox, uint uid);

    [LoggerMessage(
        EventId = 208,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: dead-lettered UID {Uid}: the server did not return it in {Attempts} polls.")]
    public static partial void FetchFailed(ILogger logger, string mailbox, uint uid, int attempts);

    [LoggerMessage(
        EventId = 225,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: accepted UID {Uid} with {Bytes} bytes although the server announced {Announced}: "
            + "it returns the same bytes each time.")]
    public static partial void ShorterThanAnnounced(ILogger logger, string mailbox, uint uid, long bytes, long announced);

    [LoggerMessage(
        EventId = 240,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: SEARCH finds no email above UID {Uid}, but FETCH lists {Count}. Reading the emails that FETCH lists.")]
    public static partial void SearchFindsNothing(ILogger logger, string mailbox, uint uid, int count);

    [LoggerMessage(EventId = 241, Level = LogLevel.Error, Message = "{Warning}")]
    public static partial void CursorLost(ILogger logger, string warning);

    [LoggerMessage(
        EventId = 242,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: cannot read the hint {File}: {Error} Continuing without it.")]
    public static partial void HintUnreadable(ILogger logger, string mailbox, string file, string error);

    [LoggerMessage(
        EventId = 243,
        Level = LogLevel.Warning,
        Message = "Cannot write the hint {File}: {Error} Hints stay in memory; a restart of this process loses them.")]
    public static partial void HintUnwritable(ILogger logger, string file, string error);

    [LoggerMessage(EventId = 244, Level = LogLevel.Information, Message = "{Mailbox}: not polled {Until}.")]
    public static partial void BackingOff(ILogger logger, string mailbox, string until);

    [LoggerMessage(
        EventId = 246,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the server refuses SEARCH: {Answer} Reading the emails that FETCH lists.")]
    public static partial void SearchRefused(ILogger logger, string mailbox, string answer);

    [LoggerMessage(
        EventId = 283,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: watching failed: {Error} The timer polls it meanwhile.")]
    public static partial void WatchFailed(ILogger logger, string mailbox, string error);

    [LoggerMessage(
        EventId = 284,
        Level = LogLevel.Warning,
        Message = "Watching {Watched} of {Count} mailboxes, since Polling:MaxWatched is {MaxWatched}. The timer polls the others.")]
    public static partial void TooManyWatched(ILogger logger, int watched, int count, int maxWatched);

    [LoggerMessage(
        EventId = 226,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the server's answers to requests for parts of UID {Uid} are not that email. "
            + "Large emails are requested whole.")]
    public static partial void PartsWrong(ILogger logger, string mailbox, uint uid);

    [LoggerMessage(
        EventId = 227,
        Level = LogLevel.Information,
        Message = "{Mailbox}: continues UID {Uid} at byte {Offset} over a new connection: {Error}")]
    public static partial void BodyContinued(ILogger logger, string mailbox, uint uid, long offset, string error);

    [LoggerMessage(
        EventId = 228,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the body {Body} of UID {Uid} was deleted during its append, and could not be written again: {Error}")]
    public static partial void BodyNotWrittenAgain(ILogger logger, string mailbox, uint uid, string body, string error);

    [LoggerMessage(
        EventId = 229,
        Level = LogLevel.Information,
        Message = "{Mailbox}: the server does not return data and bodies of emails by one request as expected. "
            + "They are requested separately until this process ends.")]
    public static partial void NotAtOnce(ILogger logger, string mailbox);

    [LoggerMessage(
        EventId = 230,
        Level = LogLevel.Information,
        Message = "{Mailbox}: the connection broke at a request for several small emails. "
            + "Continues over a new connection and requests them by size: {Error}")]
    public static partial void ContinuedBySize(ILogger logger, string mailbox, string error);

    [LoggerMessage(
        EventId = 620,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: waits before a large email, because the store of bodies is away: {Reason}")]
    public static partial void StoreAway(ILogger logger, string mailbox, string reason);

    [LoggerMessage(EventId = 256, Level = LogLevel.Warning, Message = "{Mailbox}: waits: {Reason}.")]
    public static partial void DownloadLimit(ILogger logger, string mailbox, string reason);

    [LoggerMessage(
        EventId = 247,
        Level = LogLevel.Information,
        Message = "{Mailbox}: waited {Seconds} s for a connection to {Host}; Polling:ConnectionsPerServer is {Connections}.")]
    public static partial void WaitedForConnection(ILogger logger, string mailbox, long seconds, string host, int connections);

    [LoggerMessage(
        EventId = 248,
        Level = LogLevel.Error,
        Message = "{Mailbox}: parked the mailbox: {Error} It is tried again once an hour, and when its settings change.")]
    public static partial void Parked(ILogger logger, string mailbox, string error);

    [LoggerMessage(EventId = 250, Level = LogLevel.Information, Message = "{Mailbox}: followed up {Count} settled emails in the mailbox.")]
    public static partial void FollowedUp(ILogger logger, string mailbox, int count);

    [LoggerMessage(
        EventId = 251,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: dropped {Count} notes of an earlier numbering of the folder: those emails stay as they are.")]
    public static partial void StaleNotes(ILogger logger, string mailbox, int count);

    [LoggerMessage(
        EventId = 252,
        Level = LogLevel.Warning,
        Message = "{Mailbox}: the server has no UIDPLUS, so emails that are moved or deleted stay in the folder, flagged as deleted.")]
    public static partial void LeftDeleted(ILogger logger, string mailbox);

    [LoggerMessage(EventId = 253, Level = LogLevel.Error, Message = "{Mailbox}: {Error} The emails stay in the mailbox; the notes wait.")]
    public static partial void FollowUpFailed(ILogger logger, string mailbox, string error);

    [LoggerMessage(EventId = 254, Level = LogLevel.Information, Message = "{Mailbox}: settled emails are followed up again.")]
    public static partial void FollowUpRecovered(ILogger logger, string mailbox);

    [LoggerMessage(EventId = 255, Level = LogLevel.Error, Message = "{Warning}")]
    public static partial void NotesUnmade(ILogger logger, string warning);
}
