using EmailIngestion.Streams;

namespace EmailIngestion.Bench.Sides;

/// <summary>Measures the limit of the server: the same entries by pipelined XADD, without a check and a cursor.</summary>
internal static class RawAppendSide
{
    public const string Name = "append-raw";

    private const int Each = 100;

    public static Task<SideResult> RunAsync(int port, int count, int bytes, RedisTls? tls)
    {
        using var redis = new RawRedis(tls?.Port ?? port, tls?.Authority);
        redis.Pipeline(new Entries(new StreamKeys("warm").Stream, bytes).Blocks(1, count, Each), Each);
        var blocks = new Entries(new StreamKeys("bench").Stream, bytes).Blocks(1, count, Each);
        var stopper = new Stopper(port);
        redis.Pipeline(blocks, Each);
        return Task.FromResult(stopper.Result());
    }
}
