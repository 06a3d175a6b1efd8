using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Orphans;

/// <summary>
/// Deletes the bodies that are no longer needed: each minute those that were released, each hour the orphans. All processes run it; a key
/// in Redis gives each turn to one of them. Two at once would only do the same work twice.
/// </summary>
internal sealed class BodyMaintenance(
    StreamPartitions partitions,
    RedisConnection connection,
    IOptions<BodiesOptions> options,
    TimeProvider time,
    ILogger<BodyMaintenance> logger) : BackgroundService
{
    internal const string Cleaning = "clean";
    internal const string Orphans = "orphans";

    internal static readonly TimeSpan CleanInterval = TimeSpan.FromMinutes(1);
    internal static readonly TimeSpan OrphanInterval = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // The works whose last turn failed. Each failure is logged once.
    private readonly FailureChanges _failing = new();

    // The stores of each partition, with circuits of their own.
    private readonly Dictionary<StreamPartition, BodyStores> _stores = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                await PassAsync(stoppingToken);
        }
    }

    /// <summary>Runs what is due in each partition.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in partitions.Served)
        {
            var bodies = partition.Keys.Bodies;
            var referers = new BodyReferers(partition.Keys, connection);
            await TakeTurnAsync(
                bodies.Turn(Cleaning), CleanInterval, () => CleanAsync(partition, referers, cancellationToken), cancellationToken);
            await TakeTurnAsync(
                bodies.Turn(Orphans), OrphanInterval, () => CollectAsync(partition, referers, cancellationToken), cancellationToken);
        }
    }

    private async Task CleanAsync(StreamPartition partition, BodyReferers referers, CancellationToken cancellationToken)
    {
        if (await new BodyCleaner(StoresOf(partition), referers, time).PassAsync(cancellationToken) is var deleted and > 0)
            Log.BodiesDeleted(logger, deleted, partition.Keys.Stream!);
    }

    private async Task CollectAsync(StreamPartition partition, BodyReferers referers, CancellationToken cancellationToken)
    {
        var orphans = new OrphanBodies(StoresOf(partition), referers, options.Value.OrphanAge, time);
        var report = await orphans.PassAsync(cancellationToken);
        await report.WriteAsync(await connection.DatabaseAsync(cancellationToken), partition.Keys.Bodies.Report);
        if (report.Deleted > 0)
            Log.OrphansDeleted(logger, report.Deleted, partition.Keys.Stream!);
        if (report.Unknown > 0)
            Log.BodiesUnknown(logger, report.Unknown, partition.Keys.Stream!, partition.Keys.Bodies.Referers!);
        if (orphans.Failure is { } failure)
            throw failure;
    }

    private BodyStores StoresOf(StreamPartition partition)
    {
        if (!_stores.TryGetValue(partition, out var stores))
        {
            var guarded = partition.Bodies.All.Select(store => new GuardedBodyStore(store, new BodyCircuit(store.Kind, time)));
            _stores[partition] = stores = new BodyStores(options.Value, guarded);
        }

        return stores;
    }

    // A turn that failed is free for other processes, which may reach a store that this one does not. The orphan pass keeps its turn when a
    // store is away: the other stores are done, and another pass over them would begin every 20 seconds.
    private async Task TakeTurnAsync(RedisKey turn, TimeSpan length, Func<Task> work, CancellationToken cancellationToken)
    {
        var taken = false;
        try
        {
            var database = await connection.DatabaseAsync(cancellationToken);
            taken = await database.StringSetAsync(turn, "taken", length - Interval, when: When.NotExists);
            if (!taken)
                return;
            await work();
            _failing.Clear(turn!);
        }
        catch (Exception e)
        {
            // Every exception is caught: the deletion of bodies must not stop the process.
            if (cancellationToken.IsCancellationRequested || RedisErrors.IsReplaced(e) || RedisErrors.IsPassing(e))
                return;
            if (taken && (e is not BodyStoreException || length <= CleanInterval))
                await EndTurnAsync(turn, cancellationToken);
            if (!_failing.Note(turn!, e))
                return;
            if (e is BodyStoreException)
                Log.BodiesNotDeleted(logger, e.Message);
            else if (RedisErrors.IsRedis(e))
                Log.BodiesNotDeleted(logger, $"{RedisErrors.Text(e)}.");
            else
                Log.BodyMaintenanceBroken(logger, e);
        }
    }

    private async Task EndTurnAsync(RedisKey turn, CancellationToken cancellationToken)
    {
        try
        {
            await (await connection.DatabaseAsync(cancellationToken)).KeyDeleteAsync(turn);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException)
        {
            // It expires.
        }
    }
}
