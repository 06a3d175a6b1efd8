using System.Collections.Concurrent;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>Notes of each effect when it was settled: what is done again after that was forgotten by Redis, or not asked for.</summary>
internal sealed class SettleWatch(IReadOnlyList<StreamPartition> partitions, RedisConnection connection, ConcurrentQueue<Effect> effects, TimeProvider time) : IAsyncDisposable
{
    private readonly Lookout _lookout = new(TimeSpan.FromMilliseconds(100), time);

    public void Start() => _lookout.Start(ReadSnapshotAsync);

    public ValueTask DisposeAsync() => _lookout.DisposeAsync();

    private async Task ReadSnapshotAsync(CancellationToken stop)
    {
        Effect[] open = [.. effects.Where(effect => effect.Settled is null)];
        if (open.Length == 0)
            return;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var database = await connection.DatabaseAsync(stop);
        foreach (var key in partitions.SelectMany(partition => new[] { partition.Keys.ProcessedIds(today), partition.Keys.ProcessedIds(today.AddDays(-1)) }))
        {
            var known = await database.SetContainsAsync(key, [.. open.Select(effect => (StackExchange.Redis.RedisValue)Convert.FromHexString(effect.EmailId))]);
            // After the answer, which may have been long in coming: what is settled by now was not necessarily when it was asked for.
            var now = time.GetUtcNow();
            foreach (var (effect, _) in open.Zip(known).Where(pair => pair.Second))
                effect.Settled ??= now;
        }
    }
}
