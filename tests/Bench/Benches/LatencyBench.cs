using System.Globalization;
using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures the time from an append to the start of processing for single emails, against BullMQ.</summary>
internal sealed class LatencyBench : IBench
{
    private const int PerSecond = 200;
    private const int Skipped = 2 * PerSecond;
    private const int Count = Skipped + (10 * PerSecond);
    private const int Bytes = 4_096;

    public string Name => "latency";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, peer) = (new List<SideResult>(), new List<SideResult>());
        for (var round = 0; round < context.Rounds; round++)
        {
            await context.CleanAsync(cancellationToken);
            await using (var consumer = SideProcess.Ours(LatencySide.Name, context.RedisPort, Skipped, round == 0 ? 1 : 0))
            await using (var producer = await ReadyAsync(
                consumer, () => Task.FromResult(SideProcess.Ours(LatencyAppendSide.Name, context.RedisPort, Count, PerSecond, Bytes)),
                cancellationToken))
                ours.Add(await MeasureAsync(consumer, producer, "ours", cancellationToken));

            await context.CleanAsync(cancellationToken);
            await using (var worker = await context.Peers.StartScriptAsync(
                "latency-worker.mjs", [context.RedisPort, Skipped], cancellationToken))
            await using (var adder = await ReadyAsync(
                worker,
                () => context.Peers.StartScriptAsync("latency-add.mjs", [context.RedisPort, Count, PerSecond, Bytes], cancellationToken),
                cancellationToken))
                peer.Add(await MeasureAsync(worker, adder, "BullMQ", cancellationToken));
        }

        return
        [
            BenchRow.OfBound(Name, "append to start, p50", 1, "ms", At(ours, 0.50), "BullMQ", At(peer, 0.50)),
            BenchRow.OfBound(Name, "append to start, p99", 5, "ms", At(ours, 0.99), "BullMQ", At(peer, 0.99)),
            BenchRow.OfBound(Name, "idle consumer", 1, "% of a core", [ours[0].IdleCpu * 100]),
        ];
    }

    private static async Task<SideProcess> ReadyAsync(
        SideProcess receiver, Func<Task<SideProcess>> sender, CancellationToken cancellationToken)
    {
        await receiver.ReadyAsync(cancellationToken);
        return await sender();
    }

    private static async Task<SideResult> MeasureAsync(
        SideProcess receiver, SideProcess sender, string name, CancellationToken cancellationToken)
    {
        await sender.ResultAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        var result = await receiver.ResultAsync(cancellationToken);
        if (result.Milliseconds.Count != Count - Skipped)
            throw new BenchException($"{name} started {result.Milliseconds.Count} of {Count - Skipped} emails.");
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: p50 {BenchContext.Percentile(result, 0.5):0.00} ms, p99 {BenchContext.Percentile(result, 0.99):0.00} ms"
            + $"{(result.IdleCpu > 0 ? $", idle {result.IdleCpu:P2} of a core" : "")}"));
        return result;
    }

    private static double[] At(IEnumerable<SideResult> results, double share) =>
        [.. results.Select(result => BenchContext.Percentile(result, share))];
}
