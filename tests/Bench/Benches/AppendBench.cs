using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures the append, atomic with the cursor and the ID check, against pipelined XADD.</summary>
internal sealed class AppendBench : IBench
{
    private const int Count = 240_000;
    private const int Bytes = 4_096;

    public string Name => "append";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, peer) = (new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(Count / (await context.SideAsync(AppendSide.Name, cancellationToken, context.RedisPort, Count, Bytes)).Seconds);
            peer.Add(Count / (await context.SideAsync(RawAppendSide.Name, cancellationToken, context.RedisPort, Count, Bytes)).Seconds);
        }

        return [BenchRow.OfRates(Name, "append, 4 KB", 0.80, "pipelined XADD", "/s", ours, peer)];
    }
}
