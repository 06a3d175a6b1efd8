using EmailIngestion.Operations;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Orphans;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the state of one partition for status, health and gauges. It changes nothing.</summary>
public sealed class StreamInspector
{
    private static readonly string[] MailboxFields =
        ["uidvalidity", "last", "last_success", "error", "error_at", "warning", "warning_at", "parked"];

    // A mailbox's warning stays in its cursor, so it is shown for a limited time.
    private static readonly TimeSpan WarningShownFor = TimeSpan.FromDays(7);

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;

    internal StreamInspector(StreamKeys keys, RedisConnection connection, TimeProvider time)
    {
        _keys = keys;
        _connection = connection;
        _time = time;
    }

    /// <summary>Takes a snapshot of the partition.</summary>
    /// <param name="details">Whether consumers and warnings are read too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Exception">
    /// Redis does not answer, refuses a command, or has no consumer group yet. <see cref="OperationFailure.Of"/> tells which.
    /// </exception>
    public async Task<StreamSnapshot> ReadSnapshotAsync(bool details, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(details, cancellationToken);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            throw new GroupMissingException(_keys.Stream!);
        }
    }

    private async Task<StreamSnapshot> ReadAsync(bool details, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var groupTask = NamedAsync("XINFO GROUPS", _keys.Stream, database.StreamGroupInfoAsync(_keys.Stream));
        var pendingTask = NamedAsync("XPENDING", _keys.Stream, database.StreamPendingAsync(_keys.Stream, StreamKeys.Group));
        var lengthTask = NamedAsync("XLEN", _keys.Stream, database.StreamLengthAsync(_keys.Stream));
        var deadLettersTask = NamedAsync("XLEN", _keys.DeadLetters, database.StreamLengthAsync(_keys.DeadLetters));
        var vanishedTask = database.HashGetAsync(_keys.Vanished, ["count", "told", "at"]);
        var bodiesTask = BodyLoad.ReadAsync(database, _keys.Bodies);
        var memoryTask = RedisMemory.ReadAsync(database, _keys.Stream, _connection.MaxMemoryBytes);

        if ((await groupTask).Where(info => info.Name == StreamKeys.Group).ToArray() is not [var group])
            throw new GroupMissingException(_keys.Stream!);
        var pending = await pendingTask;
        var length = await lengthTask;
        // Redis does not know the lag after somebody deleted entries by hand. Then every entry that is not pending may be unread.
        var lag = group.Lag ?? Math.Max(0, length - pending.PendingMessageCount);
        var vanished = await vanishedTask;
        string? problem = null;
        long deadLetters = 0;
        try
        {
            deadLetters = await deadLettersTask;
        }
        catch (RedisRefusedException e)
        {
            problem = e.Message;
        }

        var memory = await memoryTask;
        return new StreamSnapshot
        {
            Problem = problem,
            Partition = _keys.Partition,
            Lag = lag,
            Pending = pending.PendingMessageCount,
            Length = length,
            Vanished = Count(vanished[0]),
            VanishedReported = Count(vanished[1]),
            VanishedAt = Count(vanished[2]) is > 0 and var at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            OldestAge = await OldestAgeAsync(database, group, pending, lag),
            DeadLetters = deadLetters,
            Bodies = await bodiesTask,
            Memory = memory,
            Consumers = details ? await ConsumersAsync(database) : [],
            Mailboxes = await MailboxesAsync(database),
            Warnings = details ? await WarningsAsync(database, memory) : [],
        };
    }

    // A damaged key does not hide the rest of the snapshot.
    private static long Count(RedisValue value) => value.TryParse(out long count) ? count : 0;

    private async Task<TimeSpan?> OldestAgeAsync(IDatabase database, StreamGroupInfo group, StreamPendingInfo pending, long lag)
    {
        string? oldest = null;
        if (pending.PendingMessageCount > 0)
            oldest = pending.LowestPendingMessageId.ToString();
        else if (lag > 0)
            oldest = (string?)await database.ScriptEvaluateAsync(Scripts.Oldest, [_keys.Stream], [group.LastDeliveredId]);
        if (string.IsNullOrEmpty(oldest))
            return null;
        var age = _time.GetUtcNow() - EntryTime.Of(oldest);
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private async Task<IReadOnlyList<ConsumerSnapshot>> ConsumersAsync(IDatabase database) =>
    [
        .. (await database.StreamConsumerInfoAsync(_keys.Stream, StreamKeys.Group))
            .Select(consumer => new ConsumerSnapshot(
                consumer.Name, consumer.PendingMessageCount, TimeSpan.FromMilliseconds(consumer.IdleTimeInMilliseconds))),
    ];

    private async Task<IReadOnlyList<string>> WarningsAsync(IDatabase database, RedisMemory memory)
    {
        var persistence = await database.IdentifyEndpointAsync(_keys.Stream) is { } endpoint
            ? (await RedisPersistence.ReadAsync(database.Multiplexer.GetServer(endpoint))).Warning
            : null;
        return [.. new[] { memory.Warning, persistence }.OfType<string>()];
    }

    private async Task<IReadOnlyList<MailboxSnapshot>> MailboxesAsync(IDatabase database)
    {
        var members = await database.SetMembersAsync(_keys.Mailboxes);
        var names = members.Select(name => name.ToString()).Order(StringComparer.Ordinal).ToArray();
        return await Task.WhenAll(names.Select(name => MailboxAsync(database, name)));
    }

    // A damaged cursor is reported as its mailbox's error and hides no other mailbox.
    private async Task<MailboxSnapshot> MailboxAsync(IDatabase database, string name)
    {
        var key = _keys.Cursor(name);
        try
        {
            var values = await database.HashGetAsync(key, [.. MailboxFields.Select(field => (RedisValue)field)]);
            var fields = new CursorFields(name, key, MailboxFields, values);
            var error = values[3].IsNullOrEmpty ? null : values[3].ToString();
            return new MailboxSnapshot(
                name,
                (uint?)fields.Number("uidvalidity", uint.MaxValue),
                (uint?)fields.Number("last", uint.MaxValue),
                fields.Time("last_success"),
                error,
                error is null ? null : fields.Time("error_at"),
                values[5].IsNullOrEmpty || _time.GetUtcNow() - fields.Time("warning_at") > WarningShownFor
                    ? null
                    : values[5].ToString())
            {
                IsParked = error is not null && values[7] == "1",
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

    private static async Task<T> NamedAsync<T>(string command, RedisKey key, Task<T> reply)
    {
        try
        {
            return await reply;
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            throw new RedisRefusedException(command, key.ToString(), e);
        }
    }
}
