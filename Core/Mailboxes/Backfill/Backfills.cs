using System.Globalization;

namespace EmailIngestion.Mailboxes.Backfill;

/// <summary>Gives backfills what polls leave: tells whether a mailbox may be read beside its polls now, and by which connection.</summary>
internal sealed class Backfills(
    PolledMailboxes mailboxes,
    PollPreparation preparation,
    PollPlaces places,
    MailboxAppenders appenders,
    Func<PolledMailbox, BackfillReader> createReader)
{
    private const string Parked = "The mailbox is parked, because its sign-in is refused";

    /// <summary>Finds a mailbox that this process polls into the partition; null when there is none.</summary>
    public PolledMailbox? Find(string name, string partition) =>
        mailboxes.All.FirstOrDefault(one => one.Name == name && one.Options.Partition == partition);

    /// <summary>Why the mailbox must not be read now, as a sentence; null if it may be.</summary>
    public async Task<string?> ReasonToWaitAsync(PolledMailbox mailbox, MailboxBackOff own, CancellationToken cancellationToken)
    {
        if (!await preparation.PrepareAsync(mailbox.Stream, cancellationToken))
            return "Redis cannot be prepared for the mailbox's stream. The log says why.";
        if (mailbox.IsPaused)
            return "The mailbox is paused.";
        var required = await mailbox.Wait.ReadAsync(cancellationToken);
        var reason = ReasonOf(mailbox.BackOff, "The polls of the mailbox wait") ?? ReasonOf(required)
            ?? ReasonOf(own, "The mail server has failed, or asked for a wait: it waits");
        if (reason is not null)
            return reason;
        return await appenders.MustWaitAsync(mailbox.Stream, cancellationToken) ? appenders.ReasonToWait(mailbox.Stream) : null;
    }

    /// <summary>Why a reading failed, as a sentence. Polls wait too if the server has asked for it.</summary>
    public static async Task<string> ReasonOfAsync(PolledMailbox mailbox, Exception error, CancellationToken cancellationToken)
    {
        if (error is MailboxThrottledException throttled)
            await mailbox.Wait.AddAsync(throttled, cancellationToken);
        return error.Message;
    }

    /// <summary>Why a reading ended early, as a sentence; null if there is nothing to wait for.</summary>
    public string? ReasonOf(PolledMailbox mailbox, BackfillRead read) => read switch
    {
        { Stuck: { } uid, Why: { } why } => $"UID {uid} cannot be stored: {why}",
        { Stuck: { } uid } => $"The server lists UID {uid} and does not return it.",
        { End: PollEnd.StoreAway } => $"The store of large emails' bodies is away: {read.Why}",
        { End: PollEnd.DownloadLimit } => $"Nothing is downloaded: {read.Why}.",
        { End: PollEnd.BackPressure } => appenders.ReasonToWait(mailbox.Stream),
        _ => null,
    };

    /// <summary>Waits for a connection that no poll needs.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<IDisposable> AcquireAsync(PolledMailbox mailbox, CancellationToken cancellationToken) =>
        places.AcquireToFillAsync(mailbox.Options, cancellationToken);

    /// <summary>Whether a poll waits for the connection of a backfill.</summary>
    public bool MustGiveWay(PolledMailbox mailbox) => places.IsWantedByPoll(mailbox.Options);

    /// <summary>Reads the mailbox over one connection. There must be a place for it.</summary>
    public BackfillReader Read(PolledMailbox mailbox) => createReader(mailbox);

    private static string? ReasonOf(RequiredWait? required) => required is { IsParked: true, Until: var until }
        ? string.Create(CultureInfo.InvariantCulture, $"{Parked} until {until:HH:mm:ss} UTC or its settings change.")
        : null;

    private static string? ReasonOf(MailboxBackOff backOff, string what) => backOff.Description is { } until
        ? $"{(backOff.IsParked ? Parked : what)} {until}."
        : null;
}
