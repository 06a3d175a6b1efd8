using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures consuming with a million small entries waiting, against ten thousand.</summary>
internal sealed class BacklogBench : IBench
{
    private const int Many = 1_000_000;
    private const int Few = 10_000;
    private const int Measured = 50_000;
    private const int Bytes = 256;

    public string Name => "backlog";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (many, few) = (new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            many.Add(await RateAsync(context, Many, Measured, 1, cancellationToken));
            few.Add(await RateAsync(context, Few, Few, Measured / Few, cancellationToken));
        }

        return [BenchRow.OfRates(Name, "consume, 1,000,000 small waiting", 0.95, "10,000 waiting", "/s", many, few)];
    }

    private static async Task<double> RateAsync(
        BenchContext context, int waiting, int window, int times, CancellationToken cancellationToken) =>
        Measured / (await context.SideAsync(
            ConsumeSide.Name, cancellationToken, context.RedisPort, waiting, window, times, Bytes, ConsumeBench.BatchSize,
            ConsumeBench.Concurrency)).Seconds;
}
