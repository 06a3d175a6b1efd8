using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Fetches the bodies of claimed entries by XRANGE, one at a time, because XRANGE can limit a count but no bytes. An entry that does not
/// fit is released, uncounted, to the name it was claimed from.
/// </summary>
/// <param name="stream">The key.</param>
/// <param name="consumer">The name under which the entries were claimed.</param>
/// <param name="lease">How long this consumer owns them.</param>
/// <param name="time">The clock.</param>
internal sealed class ClaimedEntries(RedisKey stream, string consumer, TimeSpan lease, TimeProvider time)
{
    // After it the entries not yet fetched are released, so that others can reclaim them and other partitions of this process can use the
    // bytes.
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortestFetch = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(
        Math.Clamp(lease.TotalMilliseconds / 3, ShortestFetch.TotalMilliseconds, LongestFetch.TotalMilliseconds));

    /// <summary>What is known of large entries, among it the sizes of those that did not fit.</summary>
    public LargeEntries Large { get; } = new(time);

    /// <summary>Fetches the entries that fit and releases the others.</summary>
    /// <param name="database">A connection with a long timeout.</param>
    /// <param name="claims">The claims, in the order of the stream.</param>
    /// <param name="room">The bytes that fit.</param>
    /// <param name="largeWaits">A large entry waits. No other large entry may pass it.</param>
    /// <param name="stop">Ends the fetch after the body that is being fetched.</param>
    /// <returns>The deliveries that fit, and whether claims were left: released, because they did not fit or were late.</returns>
    /// <exception cref="RedisException">This consumer may still own the claims. Recover them.</exception>
    public async Task<(IReadOnlyList<Delivery> Deliveries, bool Left)> FetchAsync(
        IDatabase database, IReadOnlyList<Claim> claims, ByteRoom room, bool largeWaits, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var deliveries = new List<Delivery>(claims.Count);
        var released = new List<(Claim Claim, long? Bytes)>();
        foreach (var claim in claims)
        {
            var bytes = Large.Of(claim.EntryId);
            var late = stop.IsCancellationRequested || (deliveries.Count > 0 && time.GetElapsedTime(started) > _timeout);
            // Every entry under the name of large entries is large. Behind one that waits, no other is fetched.
            var isLarge = claim.Owner == ConsumerGroup.WaitingLarge;
            if (late || (largeWaits && isLarge) || !MayTake(bytes ?? (isLarge ? ByteBudget.SmallBytes + 1 : 0)))
            {
                largeWaits |= bytes is not null;
                released.Add((claim, bytes));
                continue;
            }

            var delivery = await FetchAsync(database, claim.EntryId, claim.DeliveryCount);
            if (MayTake(delivery.Bytes))
            {
                room = room.Without(delivery.Bytes);
                deliveries.Add(delivery);
            }
            else
            {
                largeWaits |= delivery.Bytes > ByteBudget.SmallBytes;
                Large.Note(claim.EntryId, delivery.Bytes);
                released.Add((claim, delivery.Bytes));
            }
        }

        await ReleaseAsync(database, released);
        return (deliveries, released.Count > 0);

        bool MayTake(long bytes) => room.Fits(bytes) && !(largeWaits && bytes > room.Large);
    }

    /// <summary>
    /// Returns the deliveries that fit with the bodies that their entries refer to. The others are released, uncounted, to wait for their
    /// bytes. Entries with their message were limited by the read.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> KeepFittingAsync(IDatabase database, IReadOnlyList<Delivery> read, ByteRoom room)
    {
        if (!HasBodies(read))
            return read;
        var kept = new List<Delivery>(read.Count);
        var released = new List<(Claim Claim, long? Bytes)>();
        foreach (var delivery in read)
        {
            if (delivery.Body is null || room.Fits(delivery.Bytes))
            {
                room = room.Without(delivery.Bytes);
                kept.Add(delivery);
                continue;
            }

            // Behind one that waits, no other large one is run.
            room = room.BehindOthers;
            Large.NoteLeft(delivery.EntryId, delivery.Bytes);
            released.Add((new Claim(delivery.EntryId, delivery.DeliveryCount, consumer), delivery.Bytes));
        }

        await ReleaseAsync(database, released);
        return kept;
    }

    /// <summary>Fetches one body. When the entry was deleted, the delivery is malformed and says so.</summary>
    public async Task<Delivery> FetchAsync(IDatabase database, string entryId, int deliveryCount) =>
        // From the primary: a replica may not have the entry yet.
        DeliveryReply.ReadClaimed(
            entryId, deliveryCount, await database.StreamRangeAsync(stream, entryId, entryId, 1, flags: CommandFlags.DemandMaster));

    /// <summary>Whether any of these deliveries refers to a body.</summary>
    public static bool HasBodies(IReadOnlyList<Delivery> read)
    {
        for (var i = 0; i < read.Count; i++)
        {
            if (read[i].Body is not null)
                return true;
        }

        return false;
    }

    private async Task ReleaseAsync(IDatabase database, List<(Claim Claim, long? Bytes)> released)
    {
        foreach (var group in released.GroupBy(one => NameFor(one.Claim.Owner, one.Bytes ?? 0), one => one.Claim))
        {
            await database.ScriptEvaluateAsync(
                Scripts.Release,
                [stream],
                [
                    StreamKeys.Group, consumer, group.Key, (long)lease.TotalMilliseconds, 1,
                    .. group.SelectMany(claim => new RedisValue[] { claim.EntryId, claim.DeliveryCount }),
                ]);
        }
    }

    // An entry of a consumer that died goes back to its name, so that the entry stays suspected.
    private string NameFor(string owner, long bytes)
    {
        if (owner != consumer && owner != ConsumerGroup.Waiting)
            return owner;
        return bytes > ByteBudget.SmallBytes ? ConsumerGroup.WaitingLarge : ConsumerGroup.Waiting;
    }
}
