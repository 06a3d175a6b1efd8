using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Fetches the bodies of claimed entries by plain XRANGE, one at a time: its reply bounds a count, not bytes. What does not fit goes back
/// uncounted to the name that it was taken from.
/// </summary>
/// <param name="stream">The key.</param>
/// <param name="consumer">The name under which the entries were claimed.</param>
/// <param name="lease">How long they are ours.</param>
/// <param name="time">The clock.</param>
internal sealed class ClaimedEntries(RedisKey stream, string consumer, TimeSpan lease, TimeProvider time)
{
    // What has not been fetched by then is released, so that others can have it, and other partitions of this process their bytes.
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortestFetch = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(
        Math.Clamp(lease.TotalMilliseconds / 3, ShortestFetch.TotalMilliseconds, LongestFetch.TotalMilliseconds));

    public EntrySizes Sizes { get; } = new();

    /// <summary>Fetches what fits and releases the rest.</summary>
    /// <param name="database">A connection that is patient.</param>
    /// <param name="claims">In the order of the stream.</param>
    /// <param name="room">What fits.</param>
    /// <param name="largeWaits">A large entry waits: none may pass it.</param>
    /// <param name="stop">Ends it after the body that is under way.</param>
    /// <exception cref="RedisException">The claims may still be ours: they are to be recovered.</exception>
    public async Task<FetchedClaims> FetchAsync(
        IDatabase database, IReadOnlyList<Claim> claims, ByteRoom room, bool largeWaits, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var deliveries = new List<Delivery>(claims.Count);
        var back = new List<(Claim Claim, long? Bytes)>();
        foreach (var claim in claims)
        {
            var bytes = Sizes.Of(claim.Entry);
            var late = stop.IsCancellationRequested || (deliveries.Count > 0 && time.GetElapsedTime(started) > _timeout);
            // Whatever waits under the name of large ones is large, and behind one that waits there is no other to look for.
            var isLarge = claim.Owner == ConsumerGroup.WaitingLarge;
            if (late || (largeWaits && isLarge) || !MayTake(bytes ?? (isLarge ? ByteBudget.SmallBytes + 1 : 0)))
            {
                largeWaits |= bytes is not null;
                back.Add((claim, bytes));
                continue;
            }

            var delivery = await FetchAsync(database, claim.Entry, claim.Number);
            if (MayTake(delivery.Bytes))
            {
                room = room.Without(delivery.Bytes);
                deliveries.Add(delivery);
            }
            else
            {
                largeWaits |= delivery.Bytes > ByteBudget.SmallBytes;
                Sizes.Note(claim.Entry, delivery.Bytes);
                back.Add((claim, delivery.Bytes));
            }
        }

        await ReleaseAsync(database, back);
        return new FetchedClaims(deliveries, back.Count > 0);

        bool MayTake(long bytes) => room.Fits(bytes) && !(largeWaits && bytes > room.Large);
    }

    /// <summary>Fetches one body; a delivery that says so when somebody has deleted the entry.</summary>
    public async Task<Delivery> FetchAsync(IDatabase database, string entry, int number) =>
        // Of the primary: a replica may not have it yet.
        DeliveryReply.ReadClaimed(
            entry, number, await database.StreamRangeAsync(stream, entry, entry, 1, flags: CommandFlags.DemandMaster));

    private async Task ReleaseAsync(IDatabase database, List<(Claim Claim, long? Bytes)> back)
    {
        foreach (var group in back.GroupBy(one => NameFor(one.Claim.Owner, one.Bytes ?? 0), one => one.Claim))
        {
            await database.ScriptEvaluateAsync(
                Scripts.Release,
                [stream],
                [
                    StreamKeys.Group, consumer, group.Key, (long)lease.TotalMilliseconds, 1,
                    .. group.SelectMany(claim => new RedisValue[] { claim.Entry, claim.Number }),
                ]);
        }
    }

    // To a consumer that died, so that its death stays known.
    private string NameFor(string owner, long bytes)
    {
        if (owner != consumer && owner != ConsumerGroup.Waiting)
            return owner;
        return bytes > ByteBudget.SmallBytes ? ConsumerGroup.WaitingLarge : ConsumerGroup.Waiting;
    }
}
