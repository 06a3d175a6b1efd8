using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the states of a partition's mailboxes. It changes nothing.</summary>
internal sealed class MailboxInspector(StreamKeys keys, TimeProvider time)
{
    private static readonly string[] MailboxFields =
    [
        "uidvalidity", "last", "last_success", "error", "error_at", "warning", "warning_at", "parked", "uidnext", "polled_at", "appended",
        "polls_hour", "watched", "until", "follow_up_error", "throttled", "parked_until",
    ];

    // A mailbox's warning stays in its cursor, so it is shown for a limited time.
    private static readonly TimeSpan WarningShownFor = TimeSpan.FromDays(7);

    /// <summary>Reads all mailboxes, ordered by name.</summary>
    /// <param name="database">A connection.</param>
    /// <param name="details">Whether it is read which of them are polled now.</param>
    public async Task<IReadOnlyList<MailboxSnapshot>> ReadAsync(IDatabase database, bool details)
    {
        var members = await database.SetMembersAsync(keys.Mailboxes);
        var names = members.Select(name => name.ToString()).Order(StringComparer.Ordinal).ToArray();
        return await Task.WhenAll(names.Select(name => ReadAsync(database, name, details)));
    }

    /// <summary>The time of a field in Unix milliseconds; null when it is none.</summary>
    internal static DateTimeOffset? Time(RedisValue value) =>
        Count(value) is > 0 and <= CursorFields.LastTime and var time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    // A poll that succeeds removes the error only.
    internal static bool IsParked(RedisValue error, RedisValue parked) => !error.IsNullOrEmpty && parked == "1";

    // A damaged cursor is reported as its mailbox's error and hides no other mailbox.
    public async Task<MailboxSnapshot> ReadAsync(IDatabase database, string name, bool details)
    {
        var key = keys.Cursor(name);
        try
        {
            var polling = details ? database.KeyExistsAsync(keys.MailboxLock(name)) : null;
            var waiting = database.SortedSetLengthAsync(keys.Notes(name));
            var values = await database.HashGetAsync(key, [.. MailboxFields.Select(field => (RedisValue)field)]);
            var fields = new CursorFields(name, key, MailboxFields, values);
            var error = values[3].IsNullOrEmpty ? null : values[3].ToString();
            var until = Coming(values[13]);
            return new MailboxSnapshot(
                name,
                (uint?)fields.Number("uidvalidity", uint.MaxValue),
                (uint?)fields.Number("last", uint.MaxValue),
                fields.Time("last_success"),
                error,
                error is null ? null : fields.Time("error_at"),
                values[5].IsNullOrEmpty || time.GetUtcNow() - fields.Time("warning_at") > WarningShownFor
                    ? null
                    : values[5].ToString())
            {
                IsParked = IsParked(values[3], values[7]),
                ParkedUntil = Coming(values[16]),
                UidNext = Count(values[8]) is > 0 and <= uint.MaxValue and var next ? (uint)next : null,
                PolledAt = Time(values[9]),
                LastAppended = values[10].IsNullOrEmpty ? null : Count(values[10]),
                PollsInHour = values[11].IsNullOrEmpty ? null : Count(values[11]),
                IsWatched = values[12] == "1",
                Until = until,
                IsThrottled = until is not null && values[15] == "1",
                IsPolling = polling is not null && await polling,
                FollowUpsWaiting = await waiting,
                FollowUpError = values[14].IsNullOrEmpty ? null : values[14].ToString(),
            };
        }
        catch (DamagedCursorException e)
        {
            return new MailboxSnapshot(name, null, null, null, e.Message, null, null);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            var damaged = new DamagedCursorException(name, key.ToString(), RedisErrors.Text(e));
            return new MailboxSnapshot(name, null, null, null, damaged.Message, null, null);
        }
    }

    private DateTimeOffset? Coming(RedisValue value) => Time(value) is { } end && end > time.GetUtcNow() ? end : null;

    private static long Count(RedisValue value) => value.TryParse(out long count) ? count : 0;
}
