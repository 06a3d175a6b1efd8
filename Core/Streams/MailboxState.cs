using System.Globalization;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What Redis keeps of the mailboxes of one partition: their cursors, their last poll and their locks.</summary>
internal sealed class MailboxState(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    private static readonly string[] CursorNames =
        ["epoch", "uidvalidity", "last", "since", "first", "last_success", "missing_uid", "missing", "forgotten_by"];

    // More than any number of attempts.
    private const int Forgotten = 1_000_000;

    /// <summary>Reads the cursor of a mailbox. Null before its first poll.</summary>
    /// <exception cref="DamagedCursorException">The key does not contain a valid cursor.</exception>
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
            stops)
        {
            ForgottenBy = stops >= Forgotten ? values[^1].ToString() : null,
        };
    }

    /// <summary>
    /// Starts a mailbox's first epoch (<paramref name="current"/> is null) or its next one. False: another poll started it first.
    /// </summary>
    public Task<bool> StartEpochAsync(
        string mailbox, MailboxCursor? current, uint uidValidity, uint last, CancellationToken cancellationToken) =>
        StartEpochAsync(
            mailbox,
            current,
            new EpochStart(current is null ? 0 : current.Epoch + 1, uidValidity, last, time.GetUtcNow()),
            cancellationToken);

    /// <summary>Starts the given epoch. False: another poll started one first.</summary>
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
    /// Counts a poll that stopped before a UID, because the server lists it and does not return it. Returns how many polls in a row stopped
    /// there.
    /// </summary>
    public async Task<int> CountStopAsync(string mailbox, MailboxCursor cursor, uint uid, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(Scripts.CountStops, [keys.Cursor(mailbox)], [cursor.Epoch, uid]);
    }

    /// <summary>Lets the next poll pass over the UID before which the last one stopped. False: it did not stop there.</summary>
    public async Task<bool> ForgetAsync(string mailbox, uint uid, string who, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.Forget, [keys.Cursor(mailbox), keys.Audit], [uid, Forgotten, who, now, AuditLog.Length, mailbox]) == 1;
    }

    /// <summary>Records that a poll reached the end of the mailbox.</summary>
    public Task ReportSuccessAsync(string mailbox, CancellationToken cancellationToken, MailboxProgress? progress = null) => ReportAsync(
        mailbox, ["last_success", time.GetUtcNow().ToUnixTimeMilliseconds(), "error", "", .. Fields(progress)], cancellationToken);

    /// <summary>Records why a poll failed, and whether the mailbox is parked since then.</summary>
    public Task ReportErrorAsync(
        string mailbox, string error, bool isParked, CancellationToken cancellationToken, MailboxProgress? progress = null) => ReportAsync(
        mailbox,
        ["error_at", time.GetUtcNow().ToUnixTimeMilliseconds(), "error", error, "parked", isParked ? 1 : 0, .. Fields(progress)],
        cancellationToken);

    /// <summary>Records the progress of a poll that neither reached the end of the mailbox nor failed.</summary>
    public Task ReportProgressAsync(string mailbox, MailboxProgress progress, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, [.. Fields(progress)], cancellationToken);

    /// <summary>Records that Redis had lost the mailbox's cursor. Status shows it for a week.</summary>
    public Task ReportLossAsync(string mailbox, string warning, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["warning_at", time.GetUtcNow().ToUnixTimeMilliseconds(), "warning", warning], cancellationToken);

    /// <summary>Records why settled emails cannot be followed up in the mailbox. Null: they can.</summary>
    public Task ReportFollowUpAsync(string mailbox, string? error, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["follow_up_error", error ?? ""], cancellationToken);

    /// <summary>Reads which emails are copied to other folders, or may be. Empty when no copy is under way.</summary>
    public async Task<string> ReadCopyMarksAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (await database.HashGetAsync(keys.Cursor(mailbox), "copying")).ToString();
    }

    /// <summary>Writes which emails are copied to other folders, or may be. Empty: no copy is under way.</summary>
    public Task WriteCopyMarksAsync(string mailbox, string marks, CancellationToken cancellationToken) =>
        ReportAsync(mailbox, ["copying", marks], cancellationToken);

    /// <summary>Acquires or renews the lock of a mailbox. The lock only avoids double work: appends are safe without it.</summary>
    public async Task<bool> AcquireMailboxLockAsync(string mailbox, string holder, TimeSpan life, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.AcquireLock, [keys.MailboxLock(mailbox)], [holder, (long)life.TotalMilliseconds]) == 1;
    }

    /// <summary>Releases the lock of a mailbox, if the holder still has it.</summary>
    public async Task ReleaseMailboxLockAsync(string mailbox, string holder)
    {
        var database = await connection.DatabaseAsync(CancellationToken.None);
        await database.ScriptEvaluateAsync(Scripts.ReleaseLock, [keys.MailboxLock(mailbox)], [holder]);
    }

    /// <summary>The names of the mailboxes that have a cursor.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return [.. (await database.SetMembersAsync(keys.Mailboxes)).Select(name => name.ToString())];
    }

    /// <summary>Removes a mailbox from the list that the status shows. Its cursor stays.</summary>
    public async Task UnlistAsync(string mailbox, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.SetRemoveAsync(keys.Mailboxes, mailbox);
    }

    private IEnumerable<RedisValue> Fields(MailboxProgress? progress) => progress is null
        ? []
        :
        [
            "polled_at", time.GetUtcNow().ToUnixTimeMilliseconds(),
            "uidnext", progress.UidNext ?? RedisValue.EmptyString,
            "appended", progress.Appended,
            "polls_hour", progress.PollsInHour,
            "watched", progress.IsWatched ? 1 : 0,
            "until", progress.Until?.ToUnixTimeMilliseconds() ?? RedisValue.EmptyString,
            .. MailboxWaits.Throttled(progress.ThrottledBy),
            .. MailboxWaits.Parked(progress.Parking),
        ];

    private async Task ReportAsync(string mailbox, RedisValue[] fields, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Report, [keys.Cursor(mailbox), keys.Mailboxes], [mailbox, .. fields]);
    }
}
