using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using EmailIngestion.Bench.Sides;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures what people do with a hundred thousand dead letters: lists, groups, a preview, a replay, the repair of the index.
/// </summary>
internal sealed class DeadLettersBench : IBench
{
    private const int Many = 100_000;
    private const int Asked = 200;
    private const int Replayed = 20_000;

    public string Name => "dead-letters";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round < context.Rounds; round++)
        {
            await context.CleanAsync(cancellationToken);
            await RoundAsync(context.RedisPort, (name, value) =>
            {
                if (!values.TryGetValue(name, out var list))
                    values[name] = list = [];
                list.Add(value);
            }, cancellationToken);
        }

        BenchRow Row(string what, double atMost, string unit) => BenchRow.OfBound(Name, what, atMost, unit, values[what]);

        return
        [
            Row("list of a fingerprint, p95", 100, "ms"), Row("list, newest first, p95", 100, "ms"), Row("groups, p95", 100, "ms"),
            Row("preview of all", 15, "s"), Row("preview of a fingerprint", 1, "s"), Row("replay, each", 2, "ms"),
            Row("build of the index", 60, "s"), Row("index, each dead letter", 400, "B"),
        ];
    }

    private static async Task RoundAsync(int port, Action<string, double> add, CancellationToken cancellationToken)
    {
        var options = Options.Create(new StreamOptions { ConnectionString = $"127.0.0.1:{port}", MaxStreamLength = 0 });
        await using var connection = StreamConnection.Create(options);
        var partition = new StreamPartition("", connection, options, TimeProvider.System);
        await new StreamGuard(connection, options).EnsureGroupAsync(partition.Keys, cancellationToken);
        var database = await connection.DatabaseAsync(cancellationToken);
        await DeadLetterFill.RunAsync(database, partition.Keys, Many);

        var before = await MemoryAsync(database);
        var index = new DeadLetterIndex(partition.Keys, connection);
        add("build of the index", await SecondsAsync(() => index.RepairAsync(cancellationToken)));
        add("index, each dead letter", (await MemoryAsync(database) - before) / Many);

        var rare = new DeadLetterFilter { Fingerprint = DeadLetterFill.Fingerprint(7) };
        var search = partition.DeadLetters.Search;
        add("list of a fingerprint, p95", await P95Async(() => search.PageAsync(rare, 50, null, newest: false, cancellationToken)));
        add(
            "list, newest first, p95",
            await P95Async(() => search.PageAsync(DeadLetterFilter.All, 50, null, newest: true, cancellationToken)));
        add("groups, p95", await P95Async(() => partition.Groups.PageAsync(50, null, null, cancellationToken)));

        var settings = Options.Create(new OperationsOptions { ReplayRate = 0 });
        var bulk = new BulkOperations(new JobSignal(), settings, TimeProvider.System);
        add(
            "preview of a fingerprint",
            await SecondsAsync(() => bulk.PreviewAsync(partition, BulkAction.Replay, rare, cancellationToken)));
        add(
            "preview of all",
            await SecondsAsync(() => bulk.PreviewAsync(partition, BulkAction.Replay, DeadLetterFilter.All, cancellationToken)));
        add("replay, each", await ReplayAsync(partition, settings, cancellationToken));
    }

    private static async Task<double> ReplayAsync(
        StreamPartition partition, IOptions<OperationsOptions> settings, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var runner = new JobRunner(
            [new ReplayJob(settings, TimeProvider.System)],
            new JobProcess(),
            new JobMetrics(services.GetRequiredService<IMeterFactory>()),
            TimeProvider.System,
            NullLogger<JobRunner>.Instance);
        await partition.Jobs.CreateAsync(
            new NewJob("replay", "{}", Replayed, "bench", "bulk-replay") { Until = $"{Replayed}-0" }, cancellationToken);
        return await SecondsAsync(() => runner.PassAsync(partition, "dead-letters", cancellationToken)) * 1000 / Replayed;
    }

    private static async Task<double> MemoryAsync(IDatabase database) => double.Parse(
        (await database.Multiplexer.GetServers()[0].InfoAsync("memory")).SelectMany(group => group)
            .First(line => line.Key == "used_memory").Value,
        CultureInfo.InvariantCulture);

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> P95Async(Func<Task> work)
    {
        var times = new List<double>();
        for (var i = 0; i < Asked; i++)
            times.Add(await SecondsAsync(work) * 1000);
        return times.Order().ElementAt(Asked * 95 / 100);
    }
}
