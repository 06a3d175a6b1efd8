using System.Threading.Channels;
using EmailIngestion.Redis;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>The producing side of one partition: it appends emails, trims the stream and reports its progress.</summary>
internal sealed class EmailStream(
    StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time, GuardedBodies bodies)
{
    /// <summary>An email of this size, in bytes, or larger may exceed a limit of Redis. No such limit can be set below 1 MiB.</summary>
    public const int LargeBytes = 1_000_000;

    private readonly StreamOptions _options = options.Value;

    // Redis may refuse a large email by closing the connection. So each uses a dedicated connection, one at a time.
    private readonly DedicatedConnection _large = connection.Dedicated("large", TimeSpan.FromMinutes(1), keys.Stream);
    private readonly Channel<bool> _oneLarge = Channel.CreateBounded<bool>(1);
    private readonly EntryLimit _limit = new(keys.Stream, options.Value, time);

    private volatile bool _transactions;

    public StreamKeys Keys => keys;

    /// <summary>The bodies of large emails, which are not in their entries.</summary>
    public GuardedBodies Bodies => bodies;

    /// <summary>The bodies that this process writes in pieces now.</summary>
    public StagedBytes Staged { get; } = new();

    /// <summary>The mailboxes' cursors and locks.</summary>
    public MailboxState Mailboxes { get; } = new(keys, connection, time);

    /// <summary>The waits that the mail servers have asked for.</summary>
    public MailboxWaits Waits { get; } = new(keys, connection, time);

    /// <summary>The emails that the poller follows up.</summary>
    public MailboxNotes Notes { get; } = new(keys, connection);

    public SettledEntries Settled { get; } = new(keys, connection);

    /// <summary>
    /// Appends items in ascending order of UID and moves the cursor, as one step. Safe to repeat: after a lost reply the cursor shows what
    /// was appended.
    /// </summary>
    /// <param name="mailbox">The mailbox's name.</param>
    /// <param name="cursor">The cursor as read. Its epoch must still be the mailbox's.</param>
    /// <param name="follows">The UID after which this batch begins.</param>
    /// <param name="items">At most a few hundred.</param>
    /// <param name="contentWindow">
    /// How long contents are remembered, to recognise them when the server renumbers the folder. Zero: not at all.
    /// </param>
    /// <param name="cancellationToken">Checked before the step, not during it.</param>
    public async Task<AppendResult> AppendAsync(
        string mailbox,
        MailboxCursor cursor,
        uint follows,
        IReadOnlyList<AppendItem> items,
        TimeSpan contentWindow,
        CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        // Asked until it is allowed: a server that fails over refuses everything for a while.
        _transactions = _transactions || await AppendTransaction.IsAllowedAsync(database, keys.Stream);
        var batch = Batch(mailbox, cursor, contentWindow);
        if (_transactions && await batch.TryTransactionAsync(database, follows, items))
            return AppendResult.Whole(items);
        var result = await batch.RunScriptAsync(database, follows, items, _transactions);
        await bodies.ConfirmAsync(items, cancellationToken);
        return result;
    }

    /// <summary>
    /// Appends one large email over a dedicated connection. If Redis closes the connection, no other command loses its reply. It is not
    /// retried.
    /// </summary>
    public async Task<AppendResult> AppendLargeAsync(
        string mailbox, MailboxCursor cursor, uint follows, AppendItem item, TimeSpan contentWindow, CancellationToken cancellationToken)
    {
        await _oneLarge.Writer.WriteAsync(true, cancellationToken);
        try
        {
            var database = await _large.DatabaseAsync(cancellationToken);
            _transactions = _transactions || await AppendTransaction.IsAllowedAsync(database, keys.Stream);
            var batch = Batch(mailbox, cursor, contentWindow);
            return _transactions && await batch.TryTransactionAsync(database, follows, [item])
                ? AppendResult.Whole([item])
                : await batch.RunScriptAsync(database, follows, [item], _transactions);
        }
        finally
        {
            _oneLarge.Reader.TryRead(out _);
        }
    }

    /// <summary>The largest email that this Redis accepts, as far as it reports its limits.</summary>
    public async Task<EntryLimits> LimitsAsync(CancellationToken cancellationToken) =>
        await _limit.ReadAsync(await connection.DatabaseAsync(cancellationToken));

    /// <summary>
    /// The bytes that polling may still fill; below zero when it has filled more. <see cref="long.MaxValue"/> without a limit.
    /// </summary>
    public async Task<long> FreeMemoryAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var memory = await RedisMemory.ReadAsync(database, keys.Stream, _options.MaxMemoryBytes);
        return memory.Max > 0 ? (long)(memory.Max * _options.MaxMemoryRatio) - memory.Used : long.MaxValue;
    }

    /// <summary>
    /// Appends all items as one transaction, if <see cref="AppendAsync"/> has found that transactions are allowed. When connected, it sends
    /// the transaction before it returns, so that the caller can send more after it.
    /// </summary>
    /// <returns>Complete, or Full after a part of the items. Null: nothing was appended, or the reply was lost.</returns>
    public async Task<AppendResult?> TryAppendAsync(
        string mailbox,
        MailboxCursor cursor,
        uint follows,
        IReadOnlyList<AppendItem> items,
        TimeSpan contentWindow,
        CancellationToken cancellationToken)
    {
        try
        {
            if (!_transactions)
                return null;
            var batch = Batch(mailbox, cursor, contentWindow);
            var database = await connection.DatabaseAsync(cancellationToken);
            // An entry that refers to its body needs the script.
            if (items.Any(item => item is { Failure: null, Body: not null }))
            {
                var result = await batch.RunScriptAsync(database, follows, items, _transactions);
                await bodies.ConfirmAsync(items, cancellationToken);
                return result.Status == AppendStatus.Moved ? null : result;
            }

            return await batch.TryTransactionAsync(database, follows, items) ? AppendResult.Whole(items) : null;
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            return null;
        }
    }

    /// <summary>Creates the stream and the group when they are missing, as in an empty Redis.</summary>
    public async Task EnsureGroupAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Group, [keys.Stream], [StreamKeys.Group]);
    }

    /// <summary>Reads the progress of the stream's groups and, in the same step, the position of a mailbox.</summary>
    public async Task<StreamProgress> ProgressAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = (string?[])(await database.ScriptEvaluateAsync(Scripts.Progress, [keys.Stream, keys.Cursor(mailbox)], []))!;
        return StreamProgress.Of(reply);
    }

    /// <summary>Trims the entries that every group has settled. Returns how many.</summary>
    public Task<long> TrimAsync(CancellationToken cancellationToken) => Settled.TrimAsync(cancellationToken);

    /// <summary>
    /// Trims, and tells whether entries are left. Settled entries make room; without any others, waiting makes no room.
    /// </summary>
    public async Task<bool> HasUnsettledAsync(CancellationToken cancellationToken)
    {
        await TrimAsync(cancellationToken);
        return await LengthAsync(cancellationToken) > 0;
    }

    /// <summary>Trims, and sweeps when a pending entry prevents the trimming of too many settled ones.</summary>
    public Task ClearSettledAsync(CancellationToken cancellationToken) => Settled.ClearAsync(_options.MaxSettled, cancellationToken);

    /// <summary>Takes the entries that vanished and were not reported yet. They then count as reported.</summary>
    public async Task<(long Count, string Entries)> TakeVanishedAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(Scripts.TakeVanished, [keys.Vanished], []);
        return ((long)reply[0], reply.Length > 1 ? (string)reply[1]! : "");
    }

    /// <summary>The number of entries in the stream.</summary>
    public async Task<long> LengthAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return await database.StreamLengthAsync(keys.Stream);
    }

    private BatchAppend Batch(string mailbox, MailboxCursor cursor, TimeSpan contentWindow) =>
        new(keys, mailbox, cursor, contentWindow, _options.MaxStreamLength, time.GetUtcNow());
}
