using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads what status, health and gauges show of one partition. It changes nothing.</summary>
internal sealed class StreamInspector(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
    private static readonly string[] MailboxFields = ["uidvalidity", "last", "last_success", "error", "error_at", "warning", "warning_at"];

    // A mailbox's warning stays in its cursor.
    private static readonly TimeSpan ShownFor = TimeSpan.FromDays(7);

    public StreamKeys Keys => keys;

    /// <exception cref="GroupMissingException">There is no group (yet).</exception>
    public async Task<StreamSnapshot> LookAsync(bool details, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(details, cancellationToken);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            throw new GroupMissingException(keys.Stream!);
        }
    }

    private async Task<StreamSnapshot> ReadAsync(bool details, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var groupTask = NamedAsync("XINFO GROUPS", keys.Stream, database.StreamGroupInfoAsync(keys.Stream));
        var pendingTask = NamedAsync("XPENDING", keys.Stream, database.StreamPendingAsync(keys.Stream, StreamKeys.Group));
        var lengthTask = NamedAsync("XLEN", keys.Stream, database.StreamLengthAsync(keys.Stream));
        var deadTask = NamedAsync("XLEN", keys.DeadLetters, database.StreamLengthAsync(keys.DeadLetters));
        var vanishedTask = database.HashGetAsync(keys.Vanished, ["count", "told", "at"]);
        var memoryTask = RedisMemory.ReadAsync(database, keys.Stream, connection.MaxMemoryBytes);

        if ((await groupTask).Where(info => info.Name == StreamKeys.Group).ToArray() is not [var group])
            throw new GroupMissingException(keys.Stream!);
        var pending = await pendingTask;
        var length = await lengthTask;
        // Redis does not know the lag after somebody deleted entries by hand; then all that is not pending may be unread.
        var lag = group.Lag ?? Math.Max(0, length - pending.PendingMessageCount);
        var vanished = await vanishedTask;
        string? problem = null;
        long dead = 0;
        try
        {
            dead = await deadTask;
        }
        catch (RedisRefusedException e)
        {
            problem = e.Message;
        }

        var memory = await memoryTask;
        return new StreamSnapshot
        {
            Problem = problem,
            Partition = keys.Partition,
            Lag = lag,
            Pending = pending.PendingMessageCount,
            Length = length,
            Vanished = Count(vanished[0]),
            VanishedTold = Count(vanished[1]),
            VanishedAt = Count(vanished[2]) is > 0 and var at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            OldestAge = await OldestAgeAsync(database, group, pending, lag),
            DeadLetters = dead,
            Memory = memory,
            Consumers = details ? await ConsumersAsync(database) : [],
            Mailboxes = await MailboxesAsync(database),
            Warnings = details ? await WarningsAsync(database, memory) : [],
        };
    }

    // A key that somebody has damaged is no reason to show nothing at all.
    private static long Count(RedisValue value) => value.TryParse(out long count) ? count : 0;

    private async Task<TimeSpan?> OldestAgeAsync(IDatabase database, StreamGroupInfo group, StreamPendingInfo pending, long lag)
    {
        string? oldest = null;
        if (pending.PendingMessageCount > 0)
            oldest = pending.LowestPendingMessageId.ToString();
        else if (lag > 0)
            oldest = (string?)await database.ScriptEvaluateAsync(Scripts.Oldest, [keys.Stream], [group.LastDeliveredId]);
        if (string.IsNullOrEmpty(oldest))
            return null;
        var age = time.GetUtcNow() - EntryTime.Of(oldest);
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private async Task<IReadOnlyList<ConsumerSnapshot>> ConsumersAsync(IDatabase database) =>
    [
        .. (await database.StreamConsumerInfoAsync(keys.Stream, StreamKeys.Group))
            .Select(consumer => new ConsumerSnapshot(
                consumer.Name, consumer.PendingMessageCount, TimeSpan.FromMilliseconds(consumer.IdleTimeInMilliseconds))),
    ];

    private async Task<IReadOnlyList<string>> WarningsAsync(IDatabase database, RedisMemory memory)
    {
        var persistence = await database.IdentifyEndpointAsync(keys.Stream) is { } endpoint
            ? (await RedisPersistence.ReadAsync(database.Multiplexer.GetServer(endpoint))).Warning
            : null;
        return [.. new[] { memory.Warning, persistence }.OfType<string>()];
    }

    private async Task<IReadOnlyList<MailboxSnapshot>> MailboxesAsync(IDatabase database)
    {
        var names = (await database.SetMembersAsync(keys.Mailboxes)).Select(name => name.ToString()).Order(StringComparer.Ordinal).ToArray();
        return await Task.WhenAll(names.Select(name => MailboxAsync(database, name)));
    }

    // One mailbox's damaged key is that mailbox's fault, and hides no other.
    private async Task<MailboxSnapshot> MailboxAsync(IDatabase database, string name)
    {
        var key = keys.Cursor(name);
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
                values[5].IsNullOrEmpty || time.GetUtcNow() - fields.Time("warning_at") > ShownFor ? null : values[5].ToString());
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
