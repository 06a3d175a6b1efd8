using System.Globalization;
using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;
using EmailIngestion.Streams;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures the start of Local's <c>consume</c> with a thousand emails waiting, until it has archived the first and all of them, against a
/// program of the same runtime that connects to Redis and pings it.
/// </summary>
internal sealed class StartupBench : IBench
{
    private const int Count = 1_000;
    private const int Bytes = 4_096;
    private const int StartsEach = 5;
    private const double TimeGoal = 1.50;

    // 0.7 of what both took when they were first measured: 6 and 20 times as much as the small program.
    private const double FirstProcessorGoal = 0.70 * 6;
    private const double AllProcessorGoal = 0.70 * 20;
    private const string Peer = "hello Redis";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public string Name => "startup";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, peer) = (new List<StartTimes>(), new List<StartTimes>());
        // Deleted after all starts: ext4 does not reuse an inode for some time after it was freed, and each new file searches past all of
        // those. That would cost more than the rest of a start.
        var archives = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            for (var round = 0; round < context.Rounds; round++)
            {
                await context.CleanAsync(cancellationToken);
                peer.Add(await MedianAsync("hello", () => HelloAsync(context, cancellationToken)));
                ours.Add(await MedianAsync("consume", () => ConsumeAsync(context, archives, cancellationToken)));
            }
        }
        finally
        {
            Directory.Delete(archives, recursive: true);
        }

        return
        [
            Row("first email", TimeGoal, "ms", times => times.First),
            Row("first 1,000", TimeGoal, "ms", times => times.All),
            Row("first email", FirstProcessorGoal, "ms of processor", times => times.FirstProcessor),
            Row("first 1,000", AllProcessorGoal, "ms of processor", times => times.AllProcessor),
        ];

        BenchRow Row(string what, double goal, string unit, Func<StartTimes, double> value) =>
            BenchRow.OfShare(Name, what, goal, Peer, unit, [.. ours.Select(value)], [.. peer.Select(value)]);
    }

    private static async Task<StartTimes> MedianAsync(string name, Func<Task<StartTimes>> start)
    {
        var all = new List<StartTimes>();
        for (var i = 0; i < StartsEach; i++)
            all.Add(await start());
        var median = new StartTimes(
            Median(times => times.First), Median(times => times.FirstProcessor), Median(times => times.All),
            Median(times => times.AllProcessor));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: first {median.First:0} ms (processor {median.FirstProcessor:0} ms), ")
            + string.Create(CultureInfo.InvariantCulture, $"all {median.All:0} ms (processor {median.AllProcessor:0} ms)"));
        return median;

        double Median(Func<StartTimes, double> value) => BenchRow.Median([.. all.Select(value)]);
    }

    private static async Task<StartTimes> HelloAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var hello = new StartedProgram(
            Hello(), AppContext.BaseDirectory,
            [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{context.RedisPort}")], new Dictionary<string, string>());
        if (await hello.LineAsync(cancellationToken) is null)
            throw new BenchException("hello did not reach Redis.");
        var (elapsed, processor) = (hello.Elapsed, hello.Processor);
        return new StartTimes(elapsed, processor, elapsed, processor);
    }

    // tests/Hello is built beside this program, and not precompiled.
    private static string Hello()
    {
        var output = Path.GetRelativePath(Path.Combine(Peers.Repository(), "tests", "Bench"), AppContext.BaseDirectory);
        return Path.Combine(Peers.Repository(), "tests", "Hello", output, "EmailIngestion.Hello.dll");
    }

    private static async Task<StartTimes> ConsumeAsync(
        BenchContext context, string archives, CancellationToken cancellationToken)
    {
        var keys = new StreamKeys("");
        var folder = Directory.CreateDirectory(Path.Combine(archives, Path.GetRandomFileName())).FullName;
        using var redis = new RawRedis(context.RedisPort);
        redis.Ask("FLUSHALL", "SYNC");
        Entries.Fill(context.RedisPort, keys, 1, Count, Bytes);
        await using var consume = new StartedProgram(
            Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Local.dll"), folder, ["consume", "--data", folder],
            new Dictionary<string, string>
            {
                ["Streams__ConnectionString"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{context.RedisPort}"),
                ["Archive__Durable"] = "false",
                ["Telemetry__PrometheusHost"] = "127.0.0.1",
                ["Telemetry__PrometheusPort"] = Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
            });
        consume.DropOutput();
        await SettledAsync(consume, redis, keys, 1, cancellationToken);
        var (first, firstProcessor) = (consume.Elapsed, consume.Processor);
        await SettledAsync(consume, redis, keys, Count, cancellationToken);
        return new StartTimes(first, firstProcessor, consume.Elapsed, consume.Processor);
    }

    // An email is settled when its ID is among the processed ones.
    private static async Task SettledAsync(
        StartedProgram consume, RawRedis redis, StreamKeys keys, int count, CancellationToken cancellationToken)
    {
        var processed = keys.ProcessedIds(DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)).ToString();
        while (int.Parse(redis.Ask("SCARD", processed).AsSpan(1), CultureInfo.InvariantCulture) < count)
        {
            if (consume.HasExited || consume.Elapsed > Limit.TotalMilliseconds)
                throw new BenchException($"consume did not settle {count} emails within {Limit.TotalSeconds:0} s.");
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
    }
}
