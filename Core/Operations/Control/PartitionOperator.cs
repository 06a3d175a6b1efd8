using System.Globalization;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Operations.Control;

/// <summary>
/// Changes what the processes of one partition obey at run time. Each change is recorded in the audit with who asked for it, in the same
/// step.
/// </summary>
public sealed class PartitionOperator
{
    private readonly StreamPartition _partition;
    private readonly MailboxList _mailboxes;

    internal PartitionOperator(StreamPartition partition, MailboxList mailboxes) => (_partition, _mailboxes) = (partition, mailboxes);

    /// <summary>
    /// The names of the mailboxes of the partition: those that a poll has reached, those of this process's settings, and those that are
    /// paused.
    /// </summary>
    public async Task<IReadOnlyList<string>> MailboxesAsync(CancellationToken cancellationToken)
    {
        var listed = await _partition.Stream.Mailboxes.ListAsync(cancellationToken);
        var configured = _mailboxes.Current.Where(mailbox => mailbox.Partition == _partition.Name).Select(mailbox => mailbox.Name);
        var paused = (await _partition.Control.ReadAsync(cancellationToken)).Mailboxes.Keys;
        return [.. listed.Union(configured).Union(paused).Order(StringComparer.Ordinal)];
    }

    /// <summary>Pauses something. Polls and reads stop; emails in work end normally.</summary>
    /// <param name="scope">What to pause.</param>
    /// <param name="mailbox">The mailbox, for its scope.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="reason">Why; null for no reason.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PauseAsync(ControlScope scope, string? mailbox, string who, string? reason, CancellationToken cancellationToken) =>
        _partition.Control.PauseAsync(
            Field(scope, mailbox), who, string.IsNullOrWhiteSpace(reason) ? null : BoundedText.Line(reason), cancellationToken);

    /// <summary>Ends a pause. False: there was none.</summary>
    public Task<bool> ResumeAsync(ControlScope scope, string? mailbox, string who, CancellationToken cancellationToken) =>
        _partition.Control.ResumeAsync(Field(scope, mailbox), who, cancellationToken);

    /// <summary>Sets how many emails each consumer processes at the same time, 1 to 1,000; null for the setting.</summary>
    public Task SetConcurrencyAsync(int? concurrency, string who, CancellationToken cancellationToken)
    {
        if (concurrency is { } value)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ControlState.MaxConcurrency);
        }

        return _partition.Control.SetConcurrencyAsync(concurrency, who, cancellationToken);
    }

    /// <summary>The name of the key that has paused a mailbox; null if it is not paused.</summary>
    public async Task<string?> FindPauseAsync(string mailbox, CancellationToken cancellationToken) =>
        (await _partition.Control.ReadAsync(cancellationToken)).PauseOf(mailbox)?.Who;

    /// <summary>
    /// Requests a poll of a mailbox. The process that polls it takes the request within two seconds, or when it is back within ten minutes.
    /// </summary>
    /// <returns>Why the poll waits; null if it does not.</returns>
    public async Task<string?> RequestPollAsync(string mailbox, string who, CancellationToken cancellationToken)
    {
        await _partition.Control.RequestPollAsync(mailbox, who, cancellationToken);
        var known = await _partition.Inspector.FindMailboxAsync(mailbox, cancellationToken);
        return known switch
        {
            { IsParked: true } => "The mailbox is parked, because its sign-in is refused: correct the account, then POST mailboxes/unpark.",
            { IsThrottled: true } => Throttled(known, "by this request if that is within ten minutes, else by the timer"),
            { Until: not null } => $"The back-off after failures ends now. The last error: {known.Error}",
            _ => null,
        };
    }

    /// <summary>
    /// Requests that every process ends the parking of a mailbox and polls it. A wait that the server has asked for goes on.
    /// </summary>
    /// <returns>Why the poll waits; null if it does not.</returns>
    public async Task<string?> RequestUnparkAsync(string mailbox, string who, CancellationToken cancellationToken)
    {
        await _partition.Control.RequestUnparkAsync(mailbox, who, cancellationToken);
        var known = await _partition.Inspector.FindMailboxAsync(mailbox, cancellationToken);
        return known.IsThrottled ? Throttled(known, "by the timer") : null;
    }

    /// <summary>
    /// Lets the next poll pass over the UID before which polls of the mailbox stop, and requests that poll. The UID becomes a dead letter.
    /// </summary>
    /// <returns>False: the last poll did not stop before this UID, and nothing changes.</returns>
    public async Task<bool> ForgetAsync(string mailbox, uint uid, string who, CancellationToken cancellationToken)
    {
        if (!await _partition.Stream.Mailboxes.ForgetAsync(mailbox, uid, who, cancellationToken))
            return false;
        await _partition.Control.RequestPollAsync(mailbox, who, cancellationToken);
        return true;
    }

    private static string Throttled(MailboxSnapshot mailbox, string by) => string.Create(
        CultureInfo.InvariantCulture,
        $"The mail server throttles the mailbox. It is not asked before {mailbox.Until:HH:mm:ss} UTC, and polled then {by}. "
        + $"The last error: {mailbox.Error}");

    private static string Field(ControlScope scope, string? mailbox) => scope switch
    {
        ControlScope.Everything => ControlState.EverythingField,
        ControlScope.Consumers => ControlState.ConsumersField,
        _ => ControlState.MailboxPrefix + (mailbox ?? throw new ArgumentNullException(nameof(mailbox))),
    };
}
