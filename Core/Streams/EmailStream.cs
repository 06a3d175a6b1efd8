using System.Threading.Channels;
using EmailIngestion.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The producing side of one partition: appends, cursors, and who may poll.</summary>
internal sealed class EmailStream(StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
{
    /// <summary>From here on an email may be more than Redis takes: none of its limits can be set lower than 1 MiB.</summary>
    public const int LargeBytes = 1_000_000;

    private static readonly string[] CursorNames = ["epoch", "uidvalidity", "last", "since", "first", "last_success", "missing_uid", "missing"];

    private readonly StreamOptions _options = options.Value;

    // What Redis may refuse by hanging up goes over a connection that nobody else uses, one at a time.
    private readonly DedicatedConnection _large = connection.Dedicated("large", TimeSpan.FromMinutes(1), keys.Stream);
    private readonly Channel<bool> _oneLarge = Channel.CreateBounded<bool>(1);
    private readonly EntryLimit _limit = new(keys.Stream, options.Value, time);

    private volatile bool _transactions;

    public StreamKeys Keys => keys;

    public SettledEntries Settled { get; } = new(keys, connection);

    /// <summary>Where polling stands in a mailbox; null before its first poll.</summary>
    /// <exception cref="DamagedCursorException">The key does not hold a cursor.</exception>
    public async Task<MailboxCursor?> ReadCursorAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var key = keys.Cursor(mailbox);
        RedisValue[] values;
        try
        {
            values = await database.HashGetAsync(key, [.. CursorNames.Select(name => (RedisValue)name)]);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            throw new DamagedCursorException(mailbox, key.ToString(), RedisErrors.Text(e));
        }

        if (values[0].IsNull)
            return null;
        var fields = new CursorFields(mailbox, key, CursorNames, values);
        var stops = (int)(fields.Number("missing", int.MaxValue) ?? 0);
        return new MailboxCursor(
            (int)fields.Required("epoch", int.MaxValue),
            (uint)fields.Required("uidvalidity", uint.MaxValue),
            (uint)fields.Required("last", uint.MaxValue),
            fields.Time("since") ?? DateTimeOffset.UnixEpoch,
            fields.Time("first") ?? DateTimeOffset.UnixEpoch,
            fields.Time("last_success"),
            stops > 0 ? (uint?)fields.Number("missing_uid", uint.MaxValue) : null,
            stops);
    }

    /// <summary>Starts a mailbox's first epoch (<paramref name="current"/> null) or its next. False: another poll did so first.</summary>
    public Task<bool> StartEpochAsync(string mailbox, MailboxCursor? current, uint uidValidity, uint last, CancellationToken cancellationToken) =>
        StartEpochAsync(mailbox, current, new EpochStart(current is null ? 0 : current.Epoch + 1, uidValidity, last, time.GetUtcNow()), cancellationToken);

    /// <summary>Starts the epoch that is given. False: another poll started one first.</summary>
    public async Task<bool> StartEpochAsync(string mailbox, MailboxCursor? current, EpochStart start, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Epoch,
            [keys.Cursor(mailbox), keys.Mailboxes],
            [
                current is null ? RedisValue.EmptyString : current.Epoch,
                start.Epoch,
                start.UidValidity,
                start.Last,
                time.GetUtcNow().ToUnixTimeMilliseconds(),
                mailbox,
                start.First.ToUnixTimeMilliseconds(),
            ]);
        return (int)reply == 1;
    }

    /// <summary>
    /// Appends items in ascending order of UID and moves the cursor, as one step. Safe to repeat: after a lost reply the cursor says what
    /// is in already.
    /// </summary>
    /// <param name="mailbox">The mailbox's name.</param>
    /// <param name="cursor">The cursor as read; its epoch must still be the mailbox's.</param>
    /// <param name="follows">The UID that this batch follows.</param>
    /// <param name="items">At most a few hundred.</param>
    /// <param name="contentWindow">How long contents are remembered against renumbering; zero: not at all.</param>
    /// <param name="cancellationToken">Checked before, not during, the step.</param>
    public async Task<AppendResult> AppendAsync(
        string mailbox,
        MailboxCursor cursor,
        uint follows,
        IReadOnlyList<AppendItem> items,
        TimeSpan contentWindow,
        CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        // Asked until it is allowed: a server that is just failing over allows nothing.
        _transactions = _transactions || await AppendTransaction.IsAllowedAsync(database, keys.Stream);
        var batch = Batch(mailbox, cursor, contentWindow);
        return _transactions && await batch.TryTransactionAsync(database, follows, items)
            ? AppendResult.Whole(items)
            : await batch.RunScriptAsync(database, follows, items);
    }

    /// <summary>
    /// Appends one large email over a connection of its own: should Redis hang up on it, nobody else loses a reply. Not repeated after an error.
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
                : await batch.RunScriptAsync(database, follows, [item]);
        }
        finally
        {
            _oneLarge.Reader.TryRead(out _);
        }
    }

    /// <summary>What this Redis takes of one email, as far as it tells.</summary>
    public async Task<EntryLimits> LimitsAsync(CancellationToken cancellationToken) =>
        await _limit.ReadAsync(await connection.DatabaseAsync(cancellationToken));

    /// <summary>
    /// Appends all of it as one transaction, if nothing is in the way and <see cref="AppendAsync"/> has found that transactions are allowed. Once there is a connection it is
    /// sent before this returns, so that more can be sent behind it.
    /// </summary>
    /// <returns>False: it was not appended, or is not known to be.</returns>
    public async Task<bool> TryAppendAsync(
        string mailbox,
        MailboxCursor cursor,
        uint follows,
        IReadOnlyList<AppendItem> items,
        TimeSpan contentWindow,
        CancellationToken cancellationToken)
    {
        try
        {
            return _transactions && await Batch(mailbox, cursor, contentWindow).TryTransactionAsync(await connection.DatabaseAsync(cancellationToken), follows, items);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            return false;
        }
    }

    /// <summary>Counts a poll that stopped before a UID which the server lists and does not give; answers how many did in a row.</summary>
    public async Task<int> CountStopAsync(string mailbox, MailboxCursor cursor, uint uid, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(Scripts.CountStops, [keys.Cursor(mailbox)], [cursor.Epoch, uid]);
    }

    /// <summary>Writes down that a poll reached the end of the mailbox.</summary>
    public Task ReportSuccessAsync(string mailbox, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["last_success", time.GetUtcNow().ToUnixTimeMilliseconds(), "error", ""], cancellationToken);

    /// <summary>Writes down why a poll failed.</summary>
    public Task ReportErrorAsync(string mailbox, string error, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["error_at", time.GetUtcNow().ToUnixTimeMilliseconds(), "error", error], cancellationToken);

    /// <summary>Writes down that Redis had lost the mailbox's cursor; status shows it for a week.</summary>
    public Task ReportLossAsync(string mailbox, string warning, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["warning_at", time.GetUtcNow().ToUnixTimeMilliseconds(), "warning", warning], cancellationToken);

    /// <summary>Takes or keeps the right to poll a mailbox. It is a courtesy between pollers: appends are safe without.</summary>
    public async Task<bool> AcquireMailboxLockAsync(string mailbox, string holder, TimeSpan life, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.AcquireLock, [keys.MailboxLock(mailbox)], [holder, (long)life.TotalMilliseconds]) == 1;
    }

    public async Task ReleaseMailboxLockAsync(string mailbox, string holder)
    {
        var database = await connection.DatabaseAsync(CancellationToken.None);
        await database.ScriptEvaluateAsync(Scripts.ReleaseLock, [keys.MailboxLock(mailbox)], [holder]);
    }

    /// <summary>Creates stream and group when they are missing: an empty Redis has neither.</summary>
    public async Task EnsureGroupAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Group, [keys.Stream], [StreamKeys.Group]);
    }

    /// <summary>How far the groups have come.</summary>
    public async Task<StreamProgress> ProgressAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var places = (string[])(await database.ScriptEvaluateAsync(Scripts.Progress, [keys.Stream], []))!;
        return new StreamProgress(EntryPosition.Parse(places[0]), EntryPosition.Parse(places[1]));
    }

    /// <summary>Trims the entries that every group has settled; answers how many went.</summary>
    public Task<long> TrimAsync(CancellationToken cancellationToken) => Settled.TrimAsync(cancellationToken);

    /// <summary>Trims, and sweeps where a pending entry keeps too many settled ones from being trimmed.</summary>
    public Task ClearSettledAsync(CancellationToken cancellationToken) => Settled.ClearAsync(_options.MaxSettled, cancellationToken);

    /// <summary>What has vanished from the stream and was not told yet; this call counts as the telling.</summary>
    public async Task<(long Count, string Entries)> TakeVanishedAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(Scripts.TakeVanished, [keys.Vanished], []);
        return ((long)reply[0], reply.Length > 1 ? (string)reply[1]! : "");
    }

    public async Task<long> LengthAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return await database.StreamLengthAsync(keys.Stream);
    }

    private BatchAppend Batch(string mailbox, MailboxCursor cursor, TimeSpan contentWindow) =>
        new(keys, mailbox, cursor, contentWindow, _options.MaxStreamLength, time.GetUtcNow());

    private async Task ReportAsync(string mailbox, RedisValue[] fields, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Report, [keys.Cursor(mailbox), keys.Mailboxes], [mailbox, .. fields]);
    }
}
