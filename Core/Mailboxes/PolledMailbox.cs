using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Mailboxes;

/// <summary>A mailbox that this process polls: its settings, its stream, and its state between polls.</summary>
/// <param name="options">The settings.</param>
/// <param name="partition">Its partition.</param>
/// <param name="memory">What this process knows of its position.</param>
/// <param name="downloads">What its account may download.</param>
/// <param name="time">The clock.</param>
internal sealed class PolledMailbox(
    MailboxOptions options, StreamPartition partition, MailboxMemory memory, DownloadBudget downloads, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private Task _noting = Task.CompletedTask;

    public string Name { get; } = options.Name;

    public MailboxOptions Options => options;

    public EmailStream Stream { get; } = partition.Stream;

    /// <summary>What its partition obeys at run time.</summary>
    public PartitionControl Control { get; } = partition.Control;

    /// <summary>Whether somebody has paused the mailbox.</summary>
    public bool IsPaused => Control.Current.PauseOf(Name) is not null;

    /// <summary>Ends its poll and its watch for a pause.</summary>
    public MailboxPause Pause { get; } = new();

    /// <summary>The cursor and the reported state in Redis.</summary>
    public MailboxState State => Stream.Mailboxes;

    public MailboxMemory Memory => memory;

    /// <summary>What is known of its server's answers to requests for parts of a body.</summary>
    public PartialFetch Parts { get; set; }

    /// <summary>The email and the byte at which a connection ended whose folder could not be opened again.</summary>
    public (uint Uid, long Byte)? LastCut { get; set; }

    public MailboxBackOff BackOff => Wait.BackOff;

    /// <summary>The wait that its server has asked for, and its parking, as all processes have them.</summary>
    public SharedWait Wait { get; } = new(options, partition.Stream.Waits, new MailboxBackOff(time), time);

    /// <summary>What its account may download.</summary>
    public DownloadBudget Downloads => downloads;

    /// <summary>Its follow-ups between polls.</summary>
    public FollowUpState FollowUps { get; } = new();

    /// <summary>Hands the connection of its watch to its polls.</summary>
    public WatchGate Watch { get; } = new();

    /// <summary>The state of the folder when the last poll opened it; null before the first one.</summary>
    public FolderState? LastOpened { get; set; }

    /// <summary>Whether this process watches it.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Counts its polls.</summary>
    public PollRate Polls { get; } = new(time);

    /// <summary>Cancelled when the mailbox is removed, or has other settings.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>
    /// The lock between processes. All polls of this process acquire it as one holder, and one of them runs at a time. If a poll could not
    /// release it during an outage of Redis, the next poll acquires it again without waiting for its expiry.
    /// </summary>
    public MailboxLock Lock { get; } = new(options.Name, Guid.NewGuid().ToString("N"), partition.Stream);

    /// <summary>Renews the lock, and notes how far the stream's groups are when the UID was appended; null: only the lock.</summary>
    public async Task KeepAsync(MailboxCursor cursor, uint? last, CancellationToken cancellationToken)
    {
        await Lock.RenewAsync(cancellationToken);
        if (last is { } appended)
        {
            // Progress is noted in its order.
            await _noting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await NoteProgressAsync(cursor, appended, cancellationToken);
        }
    }

    /// <summary>Notes how far the stream's groups are. Everything up to the UID was appended before.</summary>
    public Task NoteProgressAsync(MailboxCursor cursor, uint appended, CancellationToken cancellationToken)
    {
        return _noting = NoteAsync();

        async Task NoteAsync() => memory.Note(cursor, appended, await Stream.ProgressAsync(Name, cancellationToken));
    }

    /// <summary>Ends the running poll, and each later one.</summary>
    public void End() => _ended.Cancel();

    public void Dispose()
    {
        _ended.Dispose();
        Pause.Dispose();
        Watch.Dispose();
    }
}
