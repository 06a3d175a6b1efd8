using EmailIngestion.Load;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures eight consumer processes against one, with a processor that takes 20 ms. It runs the load test twice.</summary>
internal sealed class WorkersBench : IBench
{
    private const int Workers = 8;
    private const int EmailsPerWorker = 12_000;
    private const int DelayMs = 20;

    public string Name => "workers";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, one) = (new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(await RateAsync(context, Workers, cancellationToken));
            one.Add(await RateAsync(context, 1, cancellationToken));
        }

        return [BenchRow.OfRates(Name, "8 workers, 20 ms each", 7.50, "one worker", "/s", ours, one)];
    }

    private static async Task<double> RateAsync(BenchContext context, int workers, CancellationToken cancellationToken)
    {
        await context.CleanAsync(cancellationToken);
        var options = new LoadOptions
        {
            Emails = EmailsPerWorker * workers,
            Workers = workers,
            ProcessorDelayMs = DelayMs,
            Redis = $"127.0.0.1:{context.RedisPort}",
        };
        var report = await new LoadRun(options, new QuietProgress()).RunAsync(cancellationToken);
        if (!report.IsGood)
            throw new BenchException($"{report.Lost} emails were lost.");
        Console.Error.WriteLine(FormattableString.Invariant($"  {workers} workers: {report.SteadyPerSecond:0} /s"));
        return report.SteadyPerSecond;
    }
}
