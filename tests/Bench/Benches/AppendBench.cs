using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures the append, atomic with the cursor and the ID check, against pipelined XADD, without TLS and over it.</summary>
internal sealed class AppendBench : IBench
{
    private const int Count = 240_000;
    private const int QuickCount = 60_000;
    private const int Bytes = 4_096;
    private const double Goal = 1.00;
    private const double TlsGoal = 0.80;

    public string Name => "append";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var redis = context.Redis;
        return
        [
            await RowAsync(context, "append, 4 KB", Goal, "pipelined XADD", [], cancellationToken),
            await RowAsync(
                context, "append, 4 KB, over TLS", TlsGoal, "pipelined XADD over TLS", [redis.TlsPort, redis.Authority], cancellationToken),
        ];
    }

    private async Task<BenchRow> RowAsync(
        BenchContext context, string what, double goal, string peerName, object[] tls, CancellationToken cancellationToken)
    {
        var count = context.Size(Count, QuickCount);
        var (ours, peer) = (new Measurement(count), new Measurement(count));
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(await context.SideAsync(AppendSide.Name, cancellationToken, [context.RedisPort, count, Bytes, .. tls]));
            peer.Add(await context.SideAsync(RawAppendSide.Name, cancellationToken, [context.RedisPort, count, Bytes, .. tls]));
        }

        return BenchRow.OfRates(Name, what, goal, peerName, ours, peer);
    }
}
