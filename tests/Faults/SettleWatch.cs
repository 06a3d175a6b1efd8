using System.Collections.Concurrent;
using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// Records when each effect was settled. A repeat after that means that Redis lost the processed ID, or that nobody checked it.
/// </summary>
internal sealed class SettleWatch(
    IReadOnlyList<StreamPartition> partitions, RedisConnection connection, ConcurrentQueue<Effect> effects,
    TimeProvider time) : IAsyncDisposable
{
    private readonly Observer _observer = new(TimeSpan.FromMilliseconds(100), time);

    public void Start() => _observer.Start(ReadSnapshotAsync);

    public ValueTask DisposeAsync() => _observer.DisposeAsync();

    private async Task ReadSnapshotAsync(CancellationToken stop)
    {
        Effect[] open = [.. effects.Where(effect => effect.Settled is null)];
        if (open.Length == 0)
            return;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var database = await connection.DatabaseAsync(stop);
        foreach (var key in partitions.SelectMany(
            partition => new[] { partition.Keys.ProcessedIds(today), partition.Keys.ProcessedIds(today.AddDays(-1)) }))
        {
            var known = await database.SetContainsAsync(
                key, [.. open.Select(effect => (StackExchange.Redis.RedisValue)Convert.FromHexString(effect.EmailId))]);
            // The time is read after the answer, which may be slow. The email may have been settled after the query was sent.
            var now = time.GetUtcNow();
            foreach (var (effect, _) in open.Zip(known).Where(pair => pair.Second))
                effect.Settled ??= now;
        }
    }
}
