using System.Globalization;
using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures the time from an append to the start of processing for single emails, against BullMQ.</summary>
internal sealed class LatencyBench : IBench
{
    private const int PerSecond = 200;
    private const int Skipped = 2 * PerSecond;
    private const int Seconds = 10;
    private const int QuickSeconds = 3;
    private const int Bytes = 4_096;
    private const double P50 = 0.80;
    private const double P99 = 0.50;

    public string Name => "latency";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, peer) = (new List<SideResult>(), new List<SideResult>());
        var count = Skipped + (context.Size(Seconds, QuickSeconds) * PerSecond);
        for (var round = 0; round < context.Rounds; round++)
        {
            await context.CleanAsync(cancellationToken);
            var measuresIdle = round == 0 && !context.IsQuick;
            await using (var consumer = SideProcess.Ours(LatencySide.Name, context.RedisPort, Skipped, measuresIdle ? 1 : 0))
            await using (var producer = await ReadyAsync(
                consumer, () => Task.FromResult(SideProcess.Ours(LatencyAppendSide.Name, context.RedisPort, count, PerSecond, Bytes)),
                cancellationToken))
                ours.Add(await MeasureAsync(consumer, producer, "ours", count - Skipped, cancellationToken));

            await context.CleanAsync(cancellationToken);
            await using (var worker = await context.Peers.StartScriptAsync(
                "bullmq", "latency-worker.mjs", [context.RedisPort, Skipped], cancellationToken))
            await using (var adder = await ReadyAsync(
                worker,
                () => context.Peers.StartScriptAsync(
                    "bullmq", "latency-add.mjs", [context.RedisPort, count, PerSecond, Bytes], cancellationToken),
                cancellationToken))
                peer.Add(await MeasureAsync(worker, adder, "BullMQ", count - Skipped, cancellationToken));
        }

        return
        [
            BenchRow.OfShare(Name, "append to start, p50", P50, "BullMQ", "ms", At(ours, 0.50), At(peer, 0.50)),
            BenchRow.OfShare(Name, "append to start, p99", P99, "BullMQ", "ms", At(ours, 0.99), At(peer, 0.99)),
            .. context.IsQuick
                ? Array.Empty<BenchRow>()
                : [BenchRow.OfBound(Name, "idle consumer", 1, "% of a core", [ours[0].IdleCpu * 100])],
        ];
    }

    private static async Task<SideProcess> ReadyAsync(
        SideProcess receiver, Func<Task<SideProcess>> sender, CancellationToken cancellationToken)
    {
        await receiver.ReadyAsync(cancellationToken);
        return await sender();
    }

    private static async Task<SideResult> MeasureAsync(
        SideProcess receiver, SideProcess sender, string name, int count, CancellationToken cancellationToken)
    {
        await sender.ResultAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        var result = await receiver.ResultAsync(cancellationToken);
        if (result.Milliseconds.Count != count)
            throw new BenchException($"{name} started {result.Milliseconds.Count} of {count} emails.");
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: p50 {BenchContext.Percentile(result, 0.5):0.00} ms, p99 {BenchContext.Percentile(result, 0.99):0.00} ms"
            + $"{(result.IdleCpu > 0 ? $", idle {result.IdleCpu:P2} of a core" : "")}"));
        return result;
    }

    private static double[] At(IEnumerable<SideResult> results, double share) =>
        [.. results.Select(result => BenchContext.Percentile(result, share))];
}
