using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>
/// Fetches deliveries, charges the byte budget for them and begins their leases, without another partition of the process in between. It
/// remembers whether a reply was lost.
/// </summary>
internal sealed class BudgetedFetch(DeliveryReader reader, LeaseRenewer leases, TimeProvider time)
{
    /// <summary>Whether entries may be delivered to this consumer that it does not know of.</summary>
    public bool ReplyLost { get; set; }

    /// <summary>Runs a fetch that returns only what fits.</summary>
    public async Task<IReadOnlyList<Lease>> WithinBudgetAsync(Func<Task<IReadOnlyList<Delivery>>> fetch, CancellationToken stop)
    {
        var entered = await reader.Budget.EnterAsync(stop);
        try
        {
            // The lease starts before the claims, since fetching the bodies may take a while.
            var asked = time.GetTimestamp();
            return leases.Begin(await FetchedAsync(fetch), reader.Budget, asked);
        }
        finally
        {
            if (entered)
                reader.Budget.Exit();
        }
    }

    /// <summary>
    /// Reads new entries and waits for the first. The room for the entries is reserved; that for the bodies that they refer to is known
    /// only afterwards.
    /// </summary>
    public async Task<IReadOnlyList<Lease>> ReadPlainAsync(ByteReservation reserved, TimeSpan block, CancellationToken stop)
    {
        var budget = reader.Budget;
        var entered = false;
        try
        {
            var read = await FetchedAsync(async () =>
            {
                var entries = await reader.ReadAsync(reserved.Entries, block, stop);
                if (!ClaimedEntries.HasBodies(entries))
                    return entries;
                // What was read is kept or released, also at a stop.
                entered = await budget.EnterAsync(CancellationToken.None);
                return await reader.KeepFittingAsync(entries, budget.Room.With(reserved.Bytes), CancellationToken.None);
            });
            // A body that is charged beside the reservation might seem not to fit.
            if (entered)
                reserved.Dispose();
            return leases.Begin(read, budget);
        }
        finally
        {
            if (entered)
                budget.Exit();
        }
    }

    private async Task<IReadOnlyList<Delivery>> FetchedAsync(Func<Task<IReadOnlyList<Delivery>>> fetch)
    {
        var (lost, parts) = (ReplyLost, reader.LostParts);
        ReplyLost = true;
        var fetched = await fetch();
        ReplyLost = lost || reader.LostParts != parts;
        return fetched;
    }
}
