using EmailIngestion.Bench.Sides;
using EmailIngestion.Load;

namespace EmailIngestion.Bench;

/// <summary>The state that all benches share: the server, the options, the peers, and the load of the machine.</summary>
internal sealed class BenchContext(BenchRedis redis, BenchOptions options, Peers peers)
{
    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(1);

    public BenchRedis Redis => redis;

    public int RedisPort => redis.Port;

    public int Rounds => options.Rounds;

    public bool IsQuick => options.Quick;

    public Peers Peers => peers;

    public double LoadAverage { get; private set; }

    public double OthersBusy { get; private set; }

    public void Begin() => (LoadAverage, OthersBusy) = (0, 0);

    /// <summary>Returns how much to measure: less with --quick.</summary>
    public int Size(int full, int quick) => options.Quick ? quick : full;

    /// <summary>Runs one side in its own process, on an empty server.</summary>
    public async Task<SideResult> SideAsync(string name, CancellationToken cancellationToken, params object[] arguments)
    {
        await CleanAsync(cancellationToken);
        await using var side = SideProcess.Ours(name, arguments);
        return Say(name, await side.ResultAsync(cancellationToken));
    }

    /// <summary>Runs a peer's script, on an empty server.</summary>
    public async Task<SideResult> ScriptAsync(
        string package, string script, CancellationToken cancellationToken, params object[] arguments)
    {
        await CleanAsync(cancellationToken);
        await using var side = await peers.StartScriptAsync(package, script, arguments, cancellationToken);
        return Say($"{package} {script}", await side.ResultAsync(cancellationToken));
    }

    /// <summary>Empties the server and measures the load of other processes.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        using (var raw = new RawRedis(redis.Port))
            raw.Ask("FLUSHALL", "SYNC");
        LoadAverage = Math.Max(LoadAverage, LoadReport.ReadLoadAverage() ?? 0);
        OthersBusy = Math.Max(OthersBusy, await Machine.BusyAsync(Listening, cancellationToken));
    }

    private static SideResult Say(string name, SideResult result)
    {
        var detail = result.Milliseconds.Count > 0
            ? FormattableString.Invariant($"p50 {Percentile(result, 0.5):0.00} ms, p99 {Percentile(result, 0.99):0.00} ms")
            : FormattableString.Invariant(
                $"{result.Seconds:0.000} s, processor {result.CpuSeconds:0.00} s, Redis {result.RedisCpuSeconds:0.00} s");
        Console.Error.WriteLine($"  {name}: {detail}");
        return result;
    }

    public static double Percentile(SideResult result, double share) =>
        result.Milliseconds.Order().ElementAt((int)(share * (result.Milliseconds.Count - 1)));
}
