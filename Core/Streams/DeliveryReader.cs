using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// The commands by which one consumer gets deliveries: new entries, deliveries whose reply was lost, and deliveries whose lease ran out.
/// After an exception of any of them a reply may be lost, and entries may have been delivered to this consumer: see
/// <see cref="RecoverAsync"/>.
/// </summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="connection">The process's connections.</param>
/// <param name="time">The clock.</param>
/// <param name="consumer">The name in the group.</param>
/// <param name="lease">How long the consumer owns a delivery without a renewal.</param>
/// <param name="budget">The bytes that fit now. The caller charges it for each delivery.</param>
internal sealed class DeliveryReader(
    StreamKeys keys, RedisConnection connection, TimeProvider time, string consumer, TimeSpan lease, ByteBudget budget) : IAsyncDisposable
{
    // The bytes that one script reads, beyond its last entry. A reply of gigabytes would exceed every timeout, and Redis serves others
    // between two scripts.
    private const int BytesAtOnce = 16 * 1024 * 1024;

    // Whole entries use a dedicated connection with a long timeout. On the shared one they would delay renewals and settles.
    private readonly DedicatedConnection _dedicated = connection.Dedicated("reader", TimeSpan.FromMinutes(1), keys.Stream);
    private readonly BlockingRead _plain = new(keys.Stream, consumer, connection, time);
    private readonly ClaimedEntries _claimed = new(keys.Stream, consumer, lease, time);

    /// <summary>The partition's name.</summary>
    public string Partition => keys.Partition;

    public ByteBudget Budget => budget;

    /// <summary>How many reads returned only a part of what was delivered to them. <see cref="RecoverAsync"/> returns the rest.</summary>
    public long LostParts { get; private set; }

    /// <summary>What replies have shown of large entries.</summary>
    public LargeEntries Large => _claimed.Large;

    /// <summary>
    /// Reads entries that no consumer has read, and waits for the first. Empty when none came. It does not limit their bytes: see
    /// <see cref="LargeEntries.OnlySmallAhead"/>. <see cref="KeepFittingAsync"/> limits the bodies that they refer to.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        try
        {
            var (read, lost) = await _plain.ReadAsync(database, count, block, cancellationToken);
            Large.NoteRead(read);
            LostParts += lost is null ? 0 : 1;
            if (lost is RedisTimeoutException)
                await _dedicated.CloseAsync();
            return read;
        }
        catch (RedisTimeoutException)
        {
            // The block ended long ago, so this connection is stuck, even if the shared one works.
            await _dedicated.CloseAsync();
            throw;
        }
    }

    /// <summary>Returns the deliveries of a read that fit with the bodies that they refer to. The others are released, uncounted.</summary>
    public async Task<IReadOnlyList<Delivery>> KeepFittingAsync(
        IReadOnlyList<Delivery> read, ByteRoom room, CancellationToken cancellationToken) =>
        await _claimed.KeepFittingAsync(await _dedicated.DatabaseAsync(cancellationToken), read, room);

    /// <summary>
    /// Reads entries that no consumer has read and whose bytes fit, one by one and without waiting. An entry that does not fit stays,
    /// uncounted, for <see cref="ReclaimAsync"/>.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadFittingAsync(int count, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var asked = time.GetTimestamp();
        var room = Large.Wait ? budget.Room.BehindOthers : budget.Room;
        var reply = await database.ScriptEvaluateAsync(
            Scripts.ReadNew,
            [keys.Stream, keys.NewestLarge],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, ConsumerGroup.WaitingLarge, (long)lease.TotalMilliseconds,
                count, BytesAtOnce, Math.Min(BytesAtOnce, budget.Limit), .. room.Arguments, Large.Unknown,
            ]);
        for (var i = 0; i < reply[1].Length; i++)
            Large.NoteAside((string)reply[1][i][0]!, (long)reply[1][i][1], asked);
        Large.NoteAhead(isClear: (int)reply[2] == 0, asked);
        Large.Unknown = (string)reply[3]!;
        var read = new List<Delivery>(reply[0].Length);
        for (var i = 0; i < reply[0].Length; i++)
        {
            var one = reply[0][i];
            read.Add(DeliveryReply.ReadNew(one) ?? await _claimed.FetchAsync(database, (string)one[0]!, (int)one[1]));
        }

        Large.NoteRead(read);
        return await _claimed.KeepFittingAsync(database, read, room);
    }

    /// <summary>
    /// Recovers deliveries whose reply was lost: those under this consumer's name that are not <paramref name="known"/>. Their delivery
    /// count stays, because they were never run. Deliveries that do not fit are released.
    /// </summary>
    public async Task<Recovered> RecoverAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var reply = await RunRecoverAsync(database, count, release: false, known);
        var (fetched, left) = await _claimed.FetchAsync(
            database, DeliveryReply.ReadClaims(reply[0], consumer), budget.Room, largeWaits: false, cancellationToken);
        if (left)
            Large.NoteReleased();
        return new Recovered(fetched, More: (int)reply[2] == 1);
    }

    /// <summary>
    /// Releases, uncounted, deliveries of this consumer whose reply was lost. It returns how many, and whether there may be more.
    /// </summary>
    public async Task<(int Released, bool More)> ReleaseLostAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var reply = await RunRecoverAsync(await _dedicated.DatabaseAsync(cancellationToken), count, release: true, known);
        var released = (int)reply[1];
        if (released > 0)
            Large.NoteReleased();
        return (released, More: (int)reply[2] == 1);
    }

    /// <summary>
    /// Reclaims up to <paramref name="count"/> deliveries whose lease has run out. It stops before a suspected poison message unless
    /// <paramref name="exclusive"/> allows one.
    /// </summary>
    /// <param name="from">Where to continue: <see cref="Reclaimed.Next"/> of the last reclaim.</param>
    /// <param name="count">The most deliveries.</param>
    /// <param name="suspicion">Which entries are suspected poison messages.</param>
    /// <param name="exclusive">Whether the first may be a suspected poison message. It is then the only one.</param>
    /// <param name="working">The entries that this consumer has in work. They stay as they are.</param>
    /// <param name="cancellationToken">Ends the fetch of bodies. Deliveries without one are released uncounted.</param>
    public async Task<Reclaimed> ReclaimAsync(
        string from, int count, PoisonSuspicion suspicion, bool exclusive, IEnumerable<string> working, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var room = budget.Room;
        string[] inWork = [.. working], tooLarge = Large.Without(room), passing = Large.Passing(room);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Reclaim,
            [keys.Stream, keys.Vanished, keys.Postponed],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, (long)lease.TotalMilliseconds, from, count, suspicion.From,
                suspicion.Last, exclusive ? 1 : 0, ConsumerGroup.WaitingLarge, Large.LeftByReclaim && !exclusive ? 1 : 0, inWork.Length,
                tooLarge.Length, .. inWork.Concat(tooLarge).Concat(passing).Select(entry => (RedisValue)entry),
            ]);
        var leftLarge = (int)reply[3] == 1;
        var (fetched, left) = await _claimed.FetchAsync(
            database, DeliveryReply.ReadClaims(reply[1], consumer), room, leftLarge, cancellationToken);
        var reclaimed = new Reclaimed(fetched, (int)reply[2] == 1, (string)reply[0]!);
        Large.NoteReclaim(leftLarge || left, reclaimed.AtEnd);
        return reclaimed;
    }

    public ValueTask DisposeAsync() => _dedicated.DisposeAsync();

    private Task<RedisResult> RunRecoverAsync(IDatabase database, int count, bool release, IEnumerable<string> known) =>
        database.ScriptEvaluateAsync(
            Scripts.Recover,
            [keys.Stream, keys.Vanished],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, (long)lease.TotalMilliseconds, count, release ? 1 : 0,
                .. known.Select(entry => (RedisValue)entry),
            ]);
}
