using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures consuming with an instant processor and all features on, against a bare loop of the client library and BullMQ.
/// </summary>
internal sealed class ConsumeBench : IBench
{
    public const int BatchSize = 500;
    public const int Concurrency = 1_000;

    private const int Count = 240_000;
    private const int QuickCount = 60_000;
    private const int Jobs = 20_000;
    private const int JobConcurrency = 50;
    private const int Bytes = 4_096;
    private const double BareGoal = 0.75;
    private const double JobsGoal = 5.00;

    public string Name => "consume";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var count = context.Size(Count, QuickCount);
        var (ours, bare, jobs) = (new Measurement(count), new Measurement(count), new Measurement(Jobs));
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(await context.SideAsync(
                ConsumeSide.Name, cancellationToken, context.RedisPort, count, count, 1, Bytes, BatchSize, Concurrency));
            bare.Add(await context.SideAsync(BareConsumeSide.Name, cancellationToken, context.RedisPort, count, Bytes));
            jobs.Add(await context.ScriptAsync(
                "bullmq", "consume.mjs", cancellationToken, context.RedisPort, Jobs, Bytes, JobConcurrency));
        }

        return
        [
            BenchRow.OfRates(Name, "consume, 4 KB, instant", BareGoal, "bare XREADGROUP + XACK", ours, bare),
            BenchRow.OfRates(Name, "consume, 4 KB, instant", JobsGoal, "BullMQ at 50", ours, jobs),
        ];
    }
}
