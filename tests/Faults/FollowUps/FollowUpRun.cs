using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>The follow-ups of a run: the faults that only they have, and their account.</summary>
internal sealed class FollowUpRun : IAsyncDisposable
{
    private readonly Mailboxes _mailboxes;
    private readonly IReadOnlyList<StreamPartition> _partitions;
    private readonly RedisConnection _connection;
    private readonly TouchWatch _touches;
    private readonly Dictionary<string, PollerRelays> _relays = new(StringComparer.Ordinal);

    public FollowUpRun(
        Mailboxes mailboxes, IReadOnlyList<StreamPartition> partitions, RedisConnection connection, FaultLog log, TimeProvider time)
    {
        (_mailboxes, _partitions, _connection) = (mailboxes, partitions, connection);
        _touches = new TouchWatch(mailboxes, time);
        Kills = new UnconfirmedKills(_relays, UnlockAsync, log, time);
    }

    public UnconfirmedKills Kills { get; }

    public void Start() => _touches.Start();

    /// <summary>Leads the connections of a poller through relays of its own.</summary>
    public PollerRelays RelayOf(string poller) => _relays[poller] = _mailboxes.Relay();

    public ValueTask DisposeAsync() => _touches.DisposeAsync();

    /// <summary>Accounts for each email after the processes have ended.</summary>
    public async Task<FollowUpAccount> AccountAsync(Outcomes outcomes, EmptiedRedis emptied, CancellationToken cancellationToken)
    {
        var mails = _mailboxes.Mails.ToLookup(mail => mail.Mailbox);
        var account = new FollowUpAccount
        {
            Troubles =
            [
                .. FollowUpAccount.TouchedEarly(_touches.Touched, outcomes, WorkerSettings.FollowUpDelay),
                .. Kills.Missing.Select(command => $"no poller was killed after {command}"),
            ],
        };
        for (var index = 0; index < _mailboxes.Count; index++)
        {
            var name = _mailboxes.NameOf(index);
            var stored = await _mailboxes.ReadAsync(index, cancellationToken);
            var lost = LostNotes(index, emptied);
            account = account.And(FollowUpAccount.Of([.. mails[name]], _mailboxes.Plans[index], stored, outcomes, lost));
            var (waiting, unmade) = await PartitionOf(index).Stream.Notes.CountAsync(name, cancellationToken);
            if (waiting + unmade > 0)
                account = account.And(new FollowUpAccount { Troubles = [$"{name}: {waiting} notes wait, and {unmade} were not made"] });
        }

        return account;
    }

    private HashSet<(string Mailbox, uint Uid, NoteOutcome Outcome)> LostNotes(int index, EmptiedRedis emptied)
    {
        var name = _mailboxes.NameOf(index);
        var key = PartitionOf(index).Keys.Notes(name).ToString();
        return [.. emptied.Notes.Where(lost => lost.Key == key).Select(lost => (
            name, lost.Note.Uid, lost.Note.Outcome == NoteOutcome.Completed ? NoteOutcome.Completed : NoteOutcome.DeadLetter))];
    }

    private async Task UnlockAsync(CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        for (var index = 0; index < _mailboxes.Count; index++)
            await database.KeyDeleteAsync(PartitionOf(index).Keys.MailboxLock(_mailboxes.NameOf(index)));
    }

    private StreamPartition PartitionOf(int index) => _partitions[index % _partitions.Count];
}
