using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures consuming with an instant processor and all features on, against a bare loop of the client library and BullMQ.
/// </summary>
internal sealed class ConsumeBench : IBench
{
    public const int BatchSize = 500;
    public const int Concurrency = 1_000;

    private const int Count = 60_000;
    private const int Jobs = 20_000;
    private const int JobConcurrency = 50;
    private const int Bytes = 4_096;

    public string Name => "consume";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, bare, jobs) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(
                Count / (await context.SideAsync(
                    ConsumeSide.Name, cancellationToken, context.RedisPort, Count, Count, 1, Bytes, BatchSize, Concurrency)).Seconds);
            bare.Add(Count / (await context.SideAsync(BareConsumeSide.Name, cancellationToken, context.RedisPort, Count, Bytes)).Seconds);
            jobs.Add(
                Jobs / (await context.ScriptAsync(
                    "consume.mjs", cancellationToken, context.RedisPort, Jobs, Bytes, JobConcurrency)).Seconds);
        }

        return
        [
            BenchRow.OfRates(Name, "consume, 4 KB, instant", 0.60, "bare XREADGROUP + XACK", "/s", ours, bare),
            BenchRow.OfRates(Name, "consume, 4 KB, instant", 3.00, "BullMQ at 50", "/s", ours, jobs),
        ];
    }
}
