using EmailIngestion.Bodies;

namespace EmailIngestion.Streams.Orphans;

/// <summary>
/// Deletes the bodies outside Redis whose last referer was removed: their emails were completed, or their dead letters deleted. It waits a
/// minute, so that a failover that takes Redis back by some seconds still finds them.
/// </summary>
internal sealed class BodyCleaner(BodyStores stores, BodyReferers referers, TimeProvider time)
{
    /// <summary>How long a body is kept after its last referer was removed.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMinutes(1);

    // Then another turn continues, so that a pass ends.
    private const int MostRounds = 100;

    /// <summary>Deletes what is due. Returns how many bodies it deleted.</summary>
    public Task<int> PassAsync(CancellationToken cancellationToken) => PassAsync(Delay, cancellationToken);

    internal async Task<int> PassAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var deleted = 0;
        IReadOnlyList<string> handled = [];
        for (var round = 0; round < MostRounds; round++)
        {
            var names = await referers.ReleasedAsync(delay, handled, cancellationToken);
            if (names.Count == 0)
                break;
            deleted += await DeleteAsync(names, delay, cancellationToken);
            handled = names;
        }

        return deleted;
    }

    private async Task<int> DeleteAsync(IReadOnlyList<string> names, TimeSpan delay, CancellationToken cancellationToken)
    {
        // One that was written since may be about to be appended. If it is not, the orphan pass finds it.
        var before = time.GetUtcNow() - delay;
        // Found before Redis is asked: a body that is written again after the question has another version, and is not deleted.
        var found = new List<(IBodyStore Store, StoredBody Body)>();
        var byScope = await stores.ByScopeAsync(cancellationToken);
        foreach (var name in names)
        {
            // Of a store that is not configured any more: its orphan pass finds the body when it is configured again.
            if (byScope.TryGetValue(BodyName.Scope(name), out var store)
                && await store.FindAsync(name, cancellationToken) is { } body
                && body.WrittenAt < before)
            {
                found.Add((store, body));
            }
        }

        var free = (await referers.FreeAsync([.. found.Select(item => item.Body)], cancellationToken)).ToHashSet();
        var deleted = 0;
        foreach (var (store, body) in found.Where(item => free.Contains(item.Body)))
        {
            if (await store.DeleteAsync(body, cancellationToken))
                deleted++;
        }

        return deleted;
    }
}
