using EmailIngestion.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The consuming side of one partition, for one consumer: renews, settles and releases deliveries that its reader got.</summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="connection">The process's connections.</param>
/// <param name="options">How long ids are remembered.</param>
/// <param name="time">The clock.</param>
/// <param name="identity">The names of the consumer.</param>
/// <param name="lease">How long this consumer owns a delivery without a renewal.</param>
/// <param name="budget">The bytes that fit now. The caller charges it for each delivery.</param>
internal sealed class ConsumerGroup(
    StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time,
    ConsumerIdentity identity, TimeSpan lease, ByteBudget budget)
    : IAsyncDisposable
{
    /// <summary>Deliveries whose run has ended wait under this name for the next run. No consumer has this name.</summary>
    public const string Waiting = "(retry)";

    /// <summary>Entries that are not small wait under this name until their bytes fit. No consumer has this name.</summary>
    public const string WaitingLarge = "(large)";

    // Counted from the first postponement of an email. After it each postponement counts as a delivery, so that an email whose dependency
    // always asks for more time reaches its last delivery.
    private static readonly TimeSpan UncountedWaits = TimeSpan.FromDays(1);

    private readonly ProcessedIdKeys _processedIds = new(keys, options, time);

    public StreamKeys Keys => keys;

    /// <summary>The chosen name.</summary>
    public string Name => identity.Name;

    /// <summary>The name in the group. No other process has it.</summary>
    public string Consumer => identity.Consumer;

    /// <summary>Gets deliveries for this consumer.</summary>
    public DeliveryReader Reader { get; } = new(keys, connection, time, identity.Consumer, lease, budget);

    /// <summary>
    /// Tells which of these deliveries carry an email that is already processed. The reply also tells the reader whether a large entry may
    /// be unread.
    /// </summary>
    public async Task<bool[]> AreProcessedAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var asked = time.GetTimestamp();
        var arguments = new RedisValue[deliveries.Count + 2];
        arguments[0] = StreamKeys.Group;
        arguments[1] = deliveries[^1].EntryId;
        for (var i = 0; i < deliveries.Count; i++)
            arguments[i + 2] = deliveries[i].Message?.Id.ToByteArray() ?? [];
        var reply = await database.ScriptEvaluateAsync(Scripts.Processed, _processedIds.ToAsk(), arguments);
        Reader.Large.NoteAhead(isClear: (int)reply[0] == 0, asked);
        return ProcessedIdKeys.ReadReply(reply, deliveries.Count);
    }

    /// <summary>Acknowledges completed deliveries and remembers their emails, as one step.</summary>
    public async Task<SettleResult[]> SettleAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var life = (long)(options.Value.ProcessedRetention + TimeSpan.FromDays(1)).TotalSeconds;
        var settle = new SettleArguments(keys, _processedIds.ToSettle(), deliveries);
        var reply = await database.ScriptEvaluateAsync(Scripts.Settle, settle.Keys, settle.Arguments(Consumer, life));
        var results = new SettleResult[deliveries.Count];
        // The script replies nothing when all are settled.
        if (reply.Length == 0)
            Array.Fill(results, SettleResult.Settled);
        for (var i = 0; i < reply.Length; i++)
            results[i] = (SettleResult)(int)reply[i];
        return results;
    }

    /// <summary>Extends leases. Returns for each delivery whether this consumer still owns it.</summary>
    public async Task<bool[]> RenewAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Renew, [keys.Stream], DeliveryArguments.Of([StreamKeys.Group, Consumer], deliveries));
        return [.. ((int[])reply!).Select(renewed => renewed == 1)];
    }

    /// <summary>Releases deliveries uncounted. Any consumer may reclaim them at once.</summary>
    public Task ReleaseAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        ReleaseToGroupAsync(deliveries, counted: false, lease, cancellationToken);

    /// <summary>
    /// Lets a failed delivery wait one lease for the next one. Safe to repeat, because the next delivery has another delivery count.
    /// </summary>
    public Task RetryAsync(Delivery delivery, CancellationToken cancellationToken) =>
        ReleaseToGroupAsync([delivery], counted: true, TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Lets a delivery wait for the processor's dependency. It counts when the entry was first postponed at least a day ago. Do not repeat
    /// it: after a lost reply this consumer may own the entry again with the same delivery count.
    /// </summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="wait">How long the entry waits.</param>
    /// <param name="maxDeliveries">The delivery count of the last delivery. Null: it was rejected, and never counts.</param>
    /// <param name="cancellationToken">Ends the wait for the connection.</param>
    public async Task<PostponeResult> PostponeAsync(
        Delivery delivery, TimeSpan wait, int? maxDeliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (PostponeResult)(int)await database.ScriptEvaluateAsync(
            Scripts.Postpone,
            [keys.Stream, keys.Postponed],
            [
                StreamKeys.Group, Consumer, Waiting, (long)lease.TotalMilliseconds, delivery.EntryId, delivery.DeliveryCount,
                maxDeliveries ?? 0, (long)wait.TotalMilliseconds, (long)UncountedWaits.TotalMilliseconds,
            ]);
    }

    /// <summary>Acquires or renews the consumer's name. False: another process has it.</summary>
    public async Task<bool> AcquireNameAsync(TimeSpan life, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.AcquireLock, [keys.Consumer(Name)], [identity.Holder, (long)life.TotalMilliseconds]) == 1;
    }

    /// <summary>Registers the consumer with the group before its first read.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Register, [keys.Stream], [StreamKeys.Group, Consumer]);
    }

    /// <summary>Releases the name if this process still has it. Deletes this consumer unless entries are pending under it.</summary>
    public async Task UnregisterAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Unregister, [keys.Stream, keys.Consumer(Name)], [StreamKeys.Group, Consumer, identity.Holder]);
    }

    /// <summary>Deletes other consumers that are gone and have nothing pending. Returns how many.</summary>
    public async Task<long> ReapAsync(TimeSpan idle, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(
            Scripts.Reap,
            [keys.Stream],
            [
                StreamKeys.Group, StreamKeys.ConsumerPrefix, keys.Suffix, ConsumerIdentity.NonceSeparator.ToString(),
                (long)idle.TotalMilliseconds,
            ]);
    }

    public ValueTask DisposeAsync() => Reader.DisposeAsync();

    private async Task ReleaseToGroupAsync(
        IReadOnlyList<Delivery> deliveries, bool counted, TimeSpan idle, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Release,
            [keys.Stream],
            DeliveryArguments.Of([StreamKeys.Group, Consumer, Waiting, (long)idle.TotalMilliseconds, counted ? 0 : 1], deliveries));
    }
}
