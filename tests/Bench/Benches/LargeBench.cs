using EmailIngestion.Load;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures the most memory of the poller and of a consumer for a hundred emails of 5 MB and one of 100 MB, against those without the large
/// one. It runs the load test twice.
/// </summary>
internal sealed class LargeBench : IBench
{
    private const int Emails = 100;
    private const int Bytes = 5_000_000;
    private const double Goal = 1.10;
    private const string Peer = "5 MB at most";

    public string Name => "large";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (ours, peer) = (new List<LoadMemory>(), new List<LoadMemory>());
        for (var round = 0; round < context.Rounds; round++)
        {
            // The email after those of 5 MB is the large one.
            ours.Add(await RunAsync(context, Emails + 1, cancellationToken));
            peer.Add(await RunAsync(context, Emails, cancellationToken));
        }

        return [Row("poller, an email of 100 MB", memory => memory.Poller), Row("consumer, an email of 100 MB", memory => memory.Worker)];

        BenchRow Row(string what, Func<LoadMemory, double> value) =>
            BenchRow.OfShare(Name, what, Goal, Peer, "MB", [.. ours.Select(value)], [.. peer.Select(value)]);
    }

    private static async Task<LoadMemory> RunAsync(BenchContext context, int emails, CancellationToken cancellationToken)
    {
        await context.CleanAsync(cancellationToken);
        var options = new LoadOptions
        {
            Emails = emails,
            Workers = 1,
            PayloadBytes = Bytes,
            Imap = true,
            Large = true,
            Redis = FormattableString.Invariant($"127.0.0.1:{context.RedisPort}"),
        };
        var report = await new LoadRun(options, new QuietProgress()).RunAsync(cancellationToken);
        if (!report.IsGood)
            throw new BenchException($"{report.Lost} emails were lost.");
        var memory = report.MemoryMb!;
        Console.Error.WriteLine(FormattableString.Invariant(
            $"  {emails} emails: poller {memory.Poller:0} MB, consumer {memory.Worker:0} MB"));
        return memory;
    }
}
