using System.Runtime.CompilerServices;
using EmailIngestion.Bodies;

namespace EmailIngestion.Streams.Orphans;

/// <summary>
/// Deletes the bodies that nothing refers to: a crash between the write of a body and its append leaves one, and so does somebody who
/// deletes entries. Only bodies older than <c>Bodies:OrphanAge</c> are looked at.
/// </summary>
internal sealed class OrphanBodies(BodyStores stores, BodyReferers referers, TimeSpan age, TimeProvider time)
{
    /// <summary>The first failure of a store in the last pass. That pass has finished the other stores. Null: none failed.</summary>
    public BodyStoreException? Failure { get; private set; }

    /// <summary>Deletes the orphans of each store. See <see cref="Failure"/>.</summary>
    public async Task<OrphanReport> PassAsync(CancellationToken cancellationToken)
    {
        var report = new OrphanReport(default, 0, 0, 0, 0);
        var since = await referers.SinceAsync(cancellationToken);
        Failure = null;
        foreach (var store in stores.All)
        {
            try
            {
                await foreach (var bodies in BatchesAsync(store, cancellationToken))
                    report = await DeleteAsync(store, bodies, since, report, cancellationToken);
            }
            catch (BodyStoreException e)
            {
                Failure ??= e;
            }
        }

        return report with { At = time.GetUtcNow(), Total = report.Deleted };
    }

    private async Task<OrphanReport> DeleteAsync(
        IBodyStore store, IReadOnlyList<StoredBody> bodies, DateTimeOffset since, OrphanReport report, CancellationToken cancellationToken)
    {
        // Listed before Redis is asked: a body that is written again after the question has another version, and is not deleted.
        var free = await referers.OrphansAsync(bodies, cancellationToken);
        report = report with { Found = report.Found + free.Count };
        // The question deletes a body in Redis itself.
        if (store.Kind == BodyStoreKind.Redis)
            return report with { Deleted = report.Deleted + free.Count };
        foreach (var body in free)
        {
            if (body.WrittenAt < since)
                report = report with { Unknown = report.Unknown + 1 };
            else if (await store.DeleteAsync(body, cancellationToken))
                report = report with { Deleted = report.Deleted + 1 };
        }

        return report;
    }

    private async IAsyncEnumerable<IReadOnlyList<StoredBody>> BatchesAsync(
        IBodyStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<StoredBody>(BodyReferers.AtOnce);
        var before = time.GetUtcNow() - age;
        await foreach (var body in store.ListAsync(before, cancellationToken))
        {
            if (body.WrittenAt >= before)
                continue;
            batch.Add(body);
            if (batch.Count < BodyReferers.AtOnce)
                continue;
            yield return batch;
            batch = new List<StoredBody>(BodyReferers.AtOnce);
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
