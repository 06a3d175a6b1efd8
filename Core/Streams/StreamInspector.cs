using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads what status, health and gauges show of one partition. It changes nothing.</summary>
internal sealed class StreamInspector(StreamKeys keys, RedisConnection connection, TimeProvider time)
{
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
        catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal)
            || e.Message.Contains("no such key", StringComparison.OrdinalIgnoreCase))
        {
            throw new GroupMissingException(keys.Stream!);
        }
    }

    private async Task<StreamSnapshot> ReadAsync(bool details, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var groupTask = database.StreamGroupInfoAsync(keys.Stream);
        var pendingTask = database.StreamPendingAsync(keys.Stream, StreamKeys.Group);
        var lengthTask = database.StreamLengthAsync(keys.Stream);
        var deadTask = database.StreamLengthAsync(keys.DeadLetters);
        var vanishedTask = database.HashGetAsync(keys.Vanished, ["count", "told", "at"]);
        var memoryTask = RedisMemory.ReadAsync(database, keys.Stream);

        if ((await groupTask).Where(info => info.Name == StreamKeys.Group).ToArray() is not [var group])
            throw new GroupMissingException(keys.Stream!);
        var pending = await pendingTask;
        var length = await lengthTask;
        // Redis does not know the lag after somebody deleted entries by hand; then all that is not pending may be unread.
        var lag = group.Lag ?? Math.Max(0, length - pending.PendingMessageCount);
        var vanished = await vanishedTask;
        return new StreamSnapshot
        {
            Partition = keys.Partition,
            Lag = lag,
            Pending = pending.PendingMessageCount,
            Length = length,
            Vanished = Count(vanished[0]),
            VanishedTold = Count(vanished[1]),
            VanishedAt = Count(vanished[2]) is > 0 and var at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            OldestAge = await OldestAgeAsync(database, group, pending, lag),
            DeadLetters = await deadTask,
            Memory = await memoryTask,
            Consumers = details ? await ConsumersAsync(database) : [],
            Mailboxes = await MailboxesAsync(database),
            Warnings = details ? await WarningsAsync(database) : [],
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
            oldest = (await database.StreamRangeAsync(keys.Stream, $"({group.LastDeliveredId}", "+", 1)).FirstOrDefault().Id;
        if (string.IsNullOrEmpty(oldest))
            return null;
        var appended = long.Parse(oldest.AsSpan(0, oldest.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(appended);
        return age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }

    private async Task<IReadOnlyList<ConsumerSnapshot>> ConsumersAsync(IDatabase database) =>
    [
        .. (await database.StreamConsumerInfoAsync(keys.Stream, StreamKeys.Group))
            .Select(consumer => new ConsumerSnapshot(
                consumer.Name, consumer.PendingMessageCount, TimeSpan.FromMilliseconds(consumer.IdleTimeInMilliseconds))),
    ];

    private async Task<IReadOnlyList<string>> WarningsAsync(IDatabase database) =>
        await database.IdentifyEndpointAsync(keys.Stream) is { } endpoint
            && (await RedisPersistence.ReadAsync(database.Multiplexer.GetServer(endpoint))).Warning is { } warning
            ? [warning]
            : [];

    private async Task<IReadOnlyList<MailboxSnapshot>> MailboxesAsync(IDatabase database)
    {
        var names = (await database.SetMembersAsync(keys.Mailboxes)).Select(name => name.ToString()).Order(StringComparer.Ordinal).ToArray();
        var cursors = await Task.WhenAll(names.Select(name =>
            database.HashGetAsync(keys.Cursor(name), ["uidvalidity", "last", "last_success", "error", "error_at", "warning", "warning_at"])));
        return [.. names.Zip(cursors, Read)];

        MailboxSnapshot Read(string name, RedisValue[] fields) => new(
            name,
            fields[0].IsNull ? null : (uint)fields[0],
            fields[1].IsNull ? null : (uint)fields[1],
            Time(fields[2]),
            fields[3].IsNullOrEmpty ? null : fields[3].ToString(),
            fields[3].IsNullOrEmpty ? null : Time(fields[4]),
            fields[5].IsNullOrEmpty || time.GetUtcNow() - Time(fields[6]) > ShownFor ? null : fields[5].ToString());

        static DateTimeOffset? Time(RedisValue value) => value.IsNull ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)value);
    }
}
