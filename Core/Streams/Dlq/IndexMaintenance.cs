using EmailIngestion.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Dlq;

/// <summary>
/// Compares the index of the dead letters with them: within a minute where their numbers differ, and each hour. All processes run it; a key
/// in Redis gives each turn to one of them.
/// </summary>
internal sealed class IndexMaintenance(
    StreamPartitions partitions, RedisConnection connection, TimeProvider time, ILogger<IndexMaintenance> logger) : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan DifferenceTurn = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HourlyTurn = TimeSpan.FromHours(1);

    // Until the repair has succeeded: a turn that fails, or whose process dies, comes again soon.
    private static readonly TimeSpan HourlyAttempt = TimeSpan.FromMinutes(5);

    private readonly FailureChanges _failing = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var partition in partitions.Served)
                await PassAsync(partition.Keys, stoppingToken);
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A repair may take longer than its attempt lasts. Without a condition it would be SETEX, which no process may use.
    private static async Task EndHourlyTurnAsync(IDatabase database, RedisKey turn)
    {
        if (!await database.StringSetAsync(turn, "taken", HourlyTurn, when: When.Exists))
            await database.StringSetAsync(turn, "taken", HourlyTurn, when: When.NotExists);
    }

    /// <summary>Repairs the index of one partition if it is due.</summary>
    internal async Task PassAsync(StreamKeys keys, CancellationToken cancellationToken)
    {
        try
        {
            var index = new DeadLetterIndex(keys, connection);
            var isWhole = await index.IsWholeAsync(cancellationToken);
            var database = await connection.DatabaseAsync(cancellationToken);
            var (turn, length) = isWhole
                ? (keys.IndexTurn("hourly"), HourlyAttempt)
                : (keys.IndexTurn("difference"), DifferenceTurn);
            if (!await database.StringSetAsync(turn, "taken", length, when: When.NotExists))
                return;
            if (await index.RepairAsync(cancellationToken) is var wrong and > 0)
                Log.IndexRepaired(logger, wrong, keys.DeadLetters!);
            if (isWhole)
                await EndHourlyTurnAsync(database, turn);
            _failing.Clear(keys.Partition);
        }
        catch (Exception e)
        {
            // Every exception is caught: the index is for people, and must not stop the process.
            if (cancellationToken.IsCancellationRequested || RedisErrors.IsReplaced(e) || RedisErrors.IsPassing(e)
                || !_failing.Note(keys.Partition, e))
                return;
            if (RedisErrors.IsRedis(e))
                Log.IndexNotRepaired(logger, keys.DeadLetters!, $"{RedisErrors.Text(e)}.");
            else
                Log.IndexMaintenanceBroken(logger, e);
        }
    }
}
