using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures consuming with the archive and with the webhook, against a bare loop that only parses by MimeKit and writes or posts as much.
/// </summary>
internal sealed class ProcessorsBench : IBench
{
    private const int Count = 10_000;
    private const int Bytes = 4_096;

    public string Name => "processors";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        foreach (var processor in Enum.GetValues<BenchProcessor>())
        {
            var (ours, bare) = (new List<SideResult>(), new List<SideResult>());
            for (var round = 0; round < context.Rounds; round++)
            {
                ours.Add(await RunAsync(context, ProcessSide.Name, processor, cancellationToken));
                bare.Add(await RunAsync(context, BareProcessSide.Name, processor, cancellationToken));
            }

            var (what, peer) = processor == BenchProcessor.Archive
                ? ("consume, 4 KB, archive", "parse and write")
                : ("consume, 4 KB, webhook", "parse and post");
            rows.Add(BenchRow.OfRates(Name, what, 0.75, peer, "/s", Rates(ours), Rates(bare)));
            Console.Error.WriteLine(FormattableString.Invariant(
                $"  {what}: {Cost(ours):0} µs of processor time an email ({peer}: {Cost(bare):0}), {Allocated(ours):0} bytes"));
        }

        return rows;
    }

    private static async Task<SideResult> RunAsync(
        BenchContext context, string side, BenchProcessor processor, CancellationToken cancellationToken)
    {
        var port = Loopback.FreePort();
        await using var receiver = SideProcess.Ours(ReceiverSide.Name, port);
        await receiver.ReadyAsync(cancellationToken);
        return await context.SideAsync(side, cancellationToken, context.RedisPort, Count, Bytes, (int)processor, port);
    }

    private static double[] Rates(IEnumerable<SideResult> results) => [.. results.Select(one => Count / one.Seconds)];

    private static double Cost(IEnumerable<SideResult> results) =>
        BenchRow.Median([.. results.Select(one => 1e6 * one.CpuSeconds / Count)]);

    private static double Allocated(IEnumerable<SideResult> results) => BenchRow.Median([.. results.Select(one => one.AllocatedPerEmail)]);
}
