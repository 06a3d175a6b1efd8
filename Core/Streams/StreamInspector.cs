using EmailIngestion.Operations;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Orphans;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads the state of one partition for status, health and gauges. It changes nothing.</summary>
public sealed class StreamInspector
{
    // Of so many consumers with pending entries it reads the oldest one; of the others it tells the rest.
    private const int MostWithOldest = 100;

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
    /// Redis does not answer, refuses a command, or, without details, has no consumer group. <see cref="OperationFailure.Of"/> tells which.
    /// </exception>
    public async Task<StreamSnapshot> ReadSnapshotAsync(bool details, CancellationToken cancellationToken)
    {
        var snapshot = await ReadAsync(details, cancellationToken);
        return details || !snapshot.IsGroupMissing ? snapshot : throw new GroupMissingException(_keys.Stream!);
    }

    /// <summary>Reads the state of one mailbox.</summary>
    internal async Task<MailboxSnapshot> FindMailboxAsync(string mailbox, CancellationToken cancellationToken) =>
        await new MailboxInspector(_keys, _time).ReadAsync(await _connection.DatabaseAsync(cancellationToken), mailbox, details: true);

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

        var found = await FindGroupAsync(groupTask, pendingTask);
        var (group, pending) = found ?? default;
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
        var (persistence, alone) = details ? await ServerAsync(database) : default;
        return new StreamSnapshot
        {
            Problem = problem,
            Partition = _keys.Partition,
            Lag = lag,
            IsLagKnown = group.Lag is not null || found is null,
            IsGroupMissing = found is null,
            TrimFloor = pending.PendingMessageCount > 0 ? pending.LowestPendingMessageId.ToString() : group.LastDeliveredId ?? "0-0",
            Pending = pending.PendingMessageCount,
            Length = length,
            Vanished = Count(vanished[0]),
            VanishedReported = Count(vanished[1]),
            VanishedAt = Count(vanished[2]) is > 0 and var at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            OldestAge = await OldestAgeAsync(database, group, pending, lag),
            DeadLetters = deadLetters,
            Bodies = await bodiesTask,
            Memory = memory,
            Consumers = details && found is not null ? await ConsumersAsync(database) : [],
            Mailboxes = await new MailboxInspector(_keys, _time).ReadAsync(database, details),
            PersistenceWarning = persistence,
            WritesAlone = alone,
            Warnings = details ? [.. new[] { memory.Warning, persistence }.OfType<string>()] : [],
        };
    }

    // Null: the stream or the group does not exist. No entry is delivered then.
    private static async Task<(StreamGroupInfo Group, StreamPendingInfo Pending)?> FindGroupAsync(
        Task<StreamGroupInfo[]> groups, Task<StreamPendingInfo> pending)
    {
        try
        {
            return (await groups).Where(info => info.Name == StreamKeys.Group).ToArray() is [var group] ? (group, await pending) : null;
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.GroupMissing)
        {
            return null;
        }
    }

    // A damaged key does not hide the rest of the snapshot.
    private static long Count(RedisValue value) => value.TryParse(out long count) ? count : 0;

    private async Task<TimeSpan?> OldestAgeAsync(IDatabase database, StreamGroupInfo group, StreamPendingInfo pending, long lag)
    {
        string? oldest = null;
        if (pending.PendingMessageCount > 0)
            oldest = pending.LowestPendingMessageId.ToString();
        else if (lag > 0)
            oldest = (string?)await database.ScriptEvaluateAsync(Scripts.Oldest, [_keys.Stream], [group.LastDeliveredId ?? "0-0"]);
        if (string.IsNullOrEmpty(oldest))
            return null;
        return AgeOf(oldest);
    }

    private TimeSpan AgeOf(string entryId)
    {
        var age = _time.GetUtcNow() - EntryTime.Of(entryId);
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private async Task<IReadOnlyList<ConsumerSnapshot>> ConsumersAsync(IDatabase database)
    {
        var consumers = await database.StreamConsumerInfoAsync(_keys.Stream, StreamKeys.Group);
        var working = consumers.Where(consumer => consumer.PendingMessageCount > 0).Select(consumer => consumer.Name).Take(MostWithOldest);
        var oldest = (await Task.WhenAll(working.Select(async name => (
                Name: name, Entries: await database.StreamPendingMessagesAsync(_keys.Stream, StreamKeys.Group, 1, name)))))
            .Where(one => one.Entries.Length > 0)
            .ToDictionary(one => one.Name, one => AgeOf(one.Entries[0].MessageId.ToString()), StringComparer.Ordinal);
        return
        [
            .. consumers.Select(consumer => new ConsumerSnapshot(
                consumer.Name, consumer.PendingMessageCount, TimeSpan.FromMilliseconds(consumer.IdleTimeInMilliseconds))
            {
                Oldest = oldest.TryGetValue(consumer.Name, out var age) ? age : null,
            }),
        ];
    }

    private async Task<(string? Persistence, bool WritesAlone)> ServerAsync(IDatabase database)
    {
        if (await database.IdentifyEndpointAsync(_keys.Stream) is not { } endpoint)
            return default;
        var server = database.Multiplexer.GetServer(endpoint);
        return ((await RedisPersistence.ReadAsync(server)).Warning, await RedisReplication.WritesAloneAsync(server));
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
