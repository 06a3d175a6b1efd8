using System.Runtime.CompilerServices;
using EmailIngestion.Bodies;

namespace EmailIngestion.Streams.Orphans;

/// <summary>
/// Deletes the bodies that nothing refers to: a crash between the write of a body and its append leaves one, and so does somebody who deletes
/// entries. Only bodies older than <c>Bodies:OrphanAge</c> are looked at.
/// </summary>
internal sealed class OrphanBodies(BodyStores stores, BodyReferers referers, TimeSpan age, TimeProvider time)
{
    /// <exception cref="BodyStoreException">A store fails. The pass has finished the others.</exception>
    public async Task<OrphanReport> PassAsync(CancellationToken cancellationToken)
    {
        var report = new OrphanReport(default, 0, 0, 0, 0);
        var since = await referers.SinceAsync(cancellationToken);
        BodyStoreException? failure = null;
        foreach (var store in stores.All)
        {
            try
            {
                await foreach (var bodies in BatchesAsync(store, cancellationToken))
                    report = await DeleteAsync(store, bodies, since, report, cancellationToken);
            }
            catch (BodyStoreException e)
            {
                failure ??= e;
            }
        }

        return failure is null ? report with { At = time.GetUtcNow(), Total = report.Deleted } : throw failure;
    }

    private async Task<OrphanReport> DeleteAsync(
        IBodyStore store, IReadOnlyList<StoredBody> bodies, DateTimeOffset since, OrphanReport report, CancellationToken cancellationToken)
    {
        // Listed before Redis is asked: a body that is written again after the question has another version, and is not deleted.
        var free = await referers.FreeAsync(bodies, cancellationToken);
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
        await foreach (var body in store.ListAsync(time.GetUtcNow() - age, cancellationToken))
        {
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
