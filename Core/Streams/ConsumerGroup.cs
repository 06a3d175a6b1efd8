using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The consuming side of one partition, for one consumer: read, reclaim, renew, settle, release.</summary>
internal sealed class ConsumerGroup(
    StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time, string consumer, TimeSpan lease)
    : IAsyncDisposable
{
    private const string Beginning = "0-0";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly string _holder = Guid.NewGuid().ToString("N");
    private IConnectionMultiplexer? _blocking;
    // The highest of the entries handed to us: whatever a lost reply hands to us lies above it.
    private string _lastSeen = Beginning;
    private string _reclaimCursor = Beginning;

    public StreamKeys Keys => keys;

    public string Consumer => consumer;

    /// <summary>
    /// Reads entries that nobody has read, waiting for the first. Empty when none came. After an exception call
    /// <see cref="RecoverAsync"/> before the next read: a reply that was lost may have handed entries to us.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var database = await ReaderAsync(cancellationToken);
        // In front of the read on the same connection, so that a stop can end the wait by this client's id.
        var client = ClientIdAsync(database);
        var reply = database.ExecuteAsync(
            "XREADGROUP", "GROUP", StreamKeys.Group, consumer, "COUNT", count, "BLOCK", (long)block.TotalMilliseconds, "STREAMS", keys.Stream, ">");
        await UntilEndedAsync(reply, client, cancellationToken);
        return ReadDeliveries(await reply);
    }

    /// <summary>Deliveries of ours whose reply was lost. Their number stays: nobody has run them.</summary>
    public async Task<IReadOnlyList<Delivery>> RecoverAsync(int count, CancellationToken cancellationToken)
    {
        var database = await ReaderAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Recover, [keys.Stream], [StreamKeys.Group, consumer, _lastSeen, count]);
        return Seen(ReadTaken(reply));
    }

    /// <summary>
    /// Takes over up to <paramref name="count"/> deliveries whose lease has run out, from where the last call ended. The second value tells
    /// whether the whole pending list has been walked. Not to be called before a lost reply has been recovered.
    /// </summary>
    public async Task<(IReadOnlyList<Delivery> Deliveries, bool AtEnd)> ReclaimAsync(int count, CancellationToken cancellationToken)
    {
        var database = await ReaderAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Reclaim, [keys.Stream], [StreamKeys.Group, consumer, (long)lease.TotalMilliseconds, _reclaimCursor, count]);
        _reclaimCursor = (string)reply[0]!;
        return (Seen(ReadTaken(reply[1])), _reclaimCursor == Beginning);
    }

    /// <summary>Which of these deliveries carry an email that is already processed.</summary>
    public async Task<bool[]> AreProcessedAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var today = Today;
        var days = Enumerable.Range(0, options.Value.ProcessedRetention.Days + 1).Select(day => keys.ProcessedIds(today.AddDays(-day)));
        var ids = deliveries.Select(delivery => (RedisValue)(delivery.Message?.Id.ToByteArray() ?? []));
        var reply = await database.ScriptEvaluateAsync(Scripts.Processed, [.. days], [.. ids]);
        return [.. ((int[])reply!).Select(seen => seen == 1)];
    }

    /// <summary>Acknowledges completed deliveries and remembers their emails, as one step.</summary>
    public async Task<SettleResult[]> SettleAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var life = (long)(options.Value.ProcessedRetention + TimeSpan.FromDays(1)).TotalSeconds;
        var arguments = new List<RedisValue>(3 + (deliveries.Count * 3)) { StreamKeys.Group, consumer, life };
        foreach (var delivery in deliveries)
        {
            arguments.Add(delivery.Entry);
            arguments.Add(delivery.Number);
            arguments.Add(delivery.Message?.Id.ToByteArray() ?? []);
        }

        var reply = await database.ScriptEvaluateAsync(Scripts.Settle, [keys.Stream, keys.ProcessedIds(Today)], [.. arguments]);
        return [.. ((int[])reply!).Select(result => (SettleResult)result)];
    }

    /// <summary>Extends leases; answers which deliveries are still ours.</summary>
    public async Task<bool[]> RenewAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Renew, [keys.Stream], Numbered([StreamKeys.Group, consumer], deliveries));
        return [.. ((int[])reply!).Select(renewed => renewed == 1)];
    }

    /// <summary>Gives deliveries back uncounted, to be reclaimed by anybody at once.</summary>
    public async Task ReleaseAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Release, [keys.Stream], Numbered([StreamKeys.Group, consumer, (long)lease.TotalMilliseconds], deliveries));
    }

    /// <summary>Takes or keeps the consumer's name. False: another process has it.</summary>
    public async Task<bool> HoldNameAsync(TimeSpan life, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.Hold, [keys.Consumer(consumer)], [_holder, (long)life.TotalMilliseconds]) == 1;
    }

    /// <summary>Makes the consumer known to the group before its first read.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Enter, [keys.Stream], [StreamKeys.Group, consumer]);
    }

    /// <summary>Gives the name up and deletes the consumer, unless entries are pending under it.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Leave, [keys.Stream, keys.Consumer(consumer)], [StreamKeys.Group, consumer, _holder]);
    }

    /// <summary>Deletes other consumers that are gone and have nothing pending.</summary>
    public async Task<long> ReapAsync(TimeSpan idle, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(
            Scripts.Reap,
            [keys.Stream],
            [StreamKeys.Group, StreamKeys.ConsumerPrefix, keys.Suffix, (long)idle.TotalMilliseconds]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_blocking is not null)
            await _blocking.DisposeAsync();
    }

    // A stop ends the wait, but what has been delivered to us by then is returned: it is ours to give back.
    private async Task UntilEndedAsync(Task reply, Task<long> client, CancellationToken stop)
    {
        using var stopped = new CancellationTokenSource();
        await using var registration = stop.Register(stopped.Cancel);
        await Task.WhenAny(reply, Task.Delay(Timeout.InfiniteTimeSpan, time, stopped.Token));
        var stopping = time.GetTimestamp();
        while (!reply.IsCompleted)
        {
            // Redis that does not answer is not waited for: whatever it has handed to us is recovered, or its lease runs out.
            if (time.GetElapsedTime(stopping) > StopPatience)
                throw new OperationCanceledException(stop);
            // Again until it takes: the first may arrive before the read does.
            if (client is { IsCompletedSuccessfully: true, Result: > 0 })
            {
                var database = await connection.DatabaseAsync(CancellationToken.None);
                await Task.WhenAny(reply, database.ExecuteAsync("CLIENT", "UNBLOCK", client.Result));
            }

            await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None));
        }
    }

    private static async Task<long> ClientIdAsync(IDatabase database)
    {
        try
        {
            return (long)await database.ExecuteAsync("CLIENT", "ID");
        }
        catch (RedisException)
        {
            // Not told (an ACL), or no connection: a stop then waits until the block is over.
            return 0;
        }
    }

    // Whole entries come over a connection of their own, which is patient: on the shared one they would hold up renewals and settles.
    private async Task<IDatabase> ReaderAsync(CancellationToken cancellationToken) =>
        (_blocking ??= await connection.OpenBlockingAsync("reader", TimeSpan.FromMinutes(1), cancellationToken)).GetDatabase();

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static RedisValue[] Numbered(List<RedisValue> arguments, IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            arguments.Add(delivery.Entry);
            arguments.Add(delivery.Number);
        }

        return [.. arguments];
    }

    // XREADGROUP: nil, or one stream's {key, {{id, {name, value, …}}, …}}. An entry deleted meanwhile has nil for its fields.
    private List<Delivery> ReadDeliveries(RedisResult reply)
    {
        if (reply.IsNull)
            return [];
        var entries = reply[0][1];
        var deliveries = new List<Delivery>(entries.Length);
        for (var i = 0; i < entries.Length; i++)
            deliveries.Add(ReadDelivery((string)entries[i][0]!, 1, entries[i][1]));
        return Seen(deliveries);
    }

    // Reclaimed ones too: they run, and to recover them would run them twice at a time.
    private List<Delivery> Seen(List<Delivery> deliveries)
    {
        if (deliveries.Count > 0 && Position(deliveries[^1].Entry).CompareTo(Position(_lastSeen)) > 0)
            _lastSeen = deliveries[^1].Entry;
        return deliveries;
    }

    private static (ulong Milliseconds, ulong Sequence) Position(string entry)
    {
        var dash = entry.IndexOf('-', StringComparison.Ordinal);
        return (ulong.Parse(entry.AsSpan(0, dash), CultureInfo.InvariantCulture), ulong.Parse(entry.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    private static List<Delivery> ReadTaken(RedisResult reply)
    {
        var deliveries = new List<Delivery>(reply.Length);
        for (var i = 0; i < reply.Length; i++)
            deliveries.Add(ReadDelivery((string)reply[i][0]!, int.Parse((string)reply[i][1]!, CultureInfo.InvariantCulture), reply[i][2]));
        return deliveries;
    }

    private static Delivery ReadDelivery(string entry, int number, RedisResult fields)
    {
        if (fields.IsNull)
            return new Delivery(entry, number, null, "the entry was deleted from the stream");
        var (message, malformed) = EntryCodec.Decode(EntryCodec.ReadFields(fields));
        return new Delivery(entry, number, message, malformed);
    }
}
