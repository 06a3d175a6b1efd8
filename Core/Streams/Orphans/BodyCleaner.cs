using EmailIngestion.Bodies;
using StackExchange.Redis;

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
    /// <exception cref="BodyStoreException">A store fails. The pass has finished the others, and that store's bodies wait.</exception>
    public Task<int> PassAsync(CancellationToken cancellationToken) => PassAsync(Delay, cancellationToken);

    internal async Task<int> PassAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var away = new Dictionary<IBodyStore, BodyStoreException>();
        var scopes = await ScopesAsync(away, cancellationToken);
        // Then a body of a store that is not known may be that of a store whose scope is not known.
        var unknown = away.Count > 0;
        var (deleted, waiting, rounds) = (0, 0, 0);
        IReadOnlyList<RedisValue> handled = [];
        while (rounds < MostRounds)
        {
            var names = await referers.ReleasedAsync(delay, waiting, handled, cancellationToken);
            if (names.Count == 0)
                break;
            var byStore = names.ToLookup(name => StoreOf(name!, scopes));
            // Of a store that is not configured any more: its orphan pass finds the body when it is configured again. Or no name at all.
            var done = byStore[null].Where(name => !unknown || !BodyName.IsValid(name!)).ToList();
            foreach (var bodies in byStore)
            {
                if (bodies.Key is not { } store || away.ContainsKey(store))
                    continue;
                try
                {
                    deleted += await DeleteAsync(store, bodies, delay, cancellationToken);
                    done.AddRange(bodies);
                }
                catch (BodyStoreException e)
                {
                    away[store] = e;
                }
            }

            handled = done;
            waiting += names.Count - done.Count;
            if (done.Count > 0)
                rounds++;
        }

        return away.Count == 0 ? deleted : throw away.Values.First();
    }

    private async Task<Dictionary<string, IBodyStore>> ScopesAsync(
        Dictionary<IBodyStore, BodyStoreException> away, CancellationToken cancellationToken)
    {
        var scopes = new Dictionary<string, IBodyStore>(StringComparer.Ordinal);
        foreach (var store in stores.All)
        {
            try
            {
                scopes[await store.ScopeAsync(cancellationToken)] = store;
            }
            catch (BodyStoreException e)
            {
                away[store] = e;
            }
        }

        return scopes;
    }

    // A name that somebody forged might lead out of a store.
    private static IBodyStore? StoreOf(string name, Dictionary<string, IBodyStore> scopes) =>
        BodyName.IsValid(name) ? scopes.GetValueOrDefault(BodyName.Scope(name)) : null;

    private async Task<int> DeleteAsync(
        IBodyStore store, IEnumerable<RedisValue> names, TimeSpan delay, CancellationToken cancellationToken)
    {
        // One that was written since may be about to be appended. If it is not, the orphan pass finds it.
        var before = time.GetUtcNow() - delay;
        // Found before Redis is asked: a body that is written again after the question has another version, and is not deleted.
        var found = new List<StoredBody>();
        foreach (var name in names)
        {
            if (await store.FindAsync(name!, cancellationToken) is { } body && body.WrittenAt < before)
                found.Add(body);
        }

        var deleted = 0;
        foreach (var body in await referers.FreeAsync(found, cancellationToken))
        {
            if (await store.DeleteAsync(body, cancellationToken))
                deleted++;
        }

        return deleted;
    }
}
