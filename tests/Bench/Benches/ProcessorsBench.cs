using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures consuming with the archive and with the webhook, against a bare loop that only parses by MimeKit and writes or posts
/// as many bytes.
/// </summary>
internal sealed class ProcessorsBench : IBench
{
    private const int Count = 10_000;
    private const int QuickCount = 3_000;
    private const int MessageBytes = 4_096;
    private const double Goal = 0.75;

    public string Name => "processors";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        // Deleted after all rounds: ext4 does not reuse an inode for some time after it was freed, and each new file searches past all of
        // those.
        var archives = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            return await RunAsync(context, archives, cancellationToken);
        }
        finally
        {
            Directory.Delete(archives, recursive: true);
        }
    }

    private async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, string archives, CancellationToken cancellationToken)
    {
        var count = context.Size(Count, QuickCount);
        var rows = new List<BenchRow>();
        foreach (var processor in Enum.GetValues<BenchProcessor>())
        {
            var (ours, bare) = (new Measurement(count), new Measurement(count));
            for (var round = 0; round < context.Rounds; round++)
            {
                var result = await SideAsync(ProcessSide.Name, processor, 0);
                ours.Add(result);
                bare.Add(await SideAsync(BareProcessSide.Name, processor, (int)result.BytesPerEmail));
            }

            var (what, peer) = processor == BenchProcessor.Archive
                ? ("consume, 4 KB, archive", "parse and write")
                : ("consume, 4 KB, webhook", "parse and post");
            rows.Add(BenchRow.OfRates(Name, what, Goal, peer, ours, bare));
            Console.Error.WriteLine(FormattableString.Invariant(
                $"  {what}: {ours.Cost.Side:0} µs of processor time an email ({peer}: {bare.Cost.Side:0}), ")
                + FormattableString.Invariant(
                    $"{Bytes(ours):0} bytes sent ({Bytes(bare):0}), {ours.Results[^1].AllocatedPerEmail:0} bytes allocated"));
        }

        return rows;

        Task<SideResult> SideAsync(string side, BenchProcessor processor, int writes) =>
            ProcessorsBench.SideAsync(context, side, processor, count, writes, archives, cancellationToken);
    }

    private static async Task<SideResult> SideAsync(
        BenchContext context,
        string side,
        BenchProcessor processor,
        int count,
        int writes,
        string archives,
        CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(archives, Path.GetRandomFileName())).FullName;
        var port = Loopback.FreePort();
        await using var receiver = SideProcess.Ours(ReceiverSide.Name, port);
        await receiver.ReadyAsync(cancellationToken);
        var result = await context.SideAsync(
            side, cancellationToken, context.RedisPort, count, MessageBytes, (int)processor, port, writes, folder);
        var received = await receiver.ResultAsync(cancellationToken);
        return processor == BenchProcessor.Webhook ? result with { BytesPerEmail = received.BytesPerEmail } : result;
    }

    private static double Bytes(Measurement side) => side.Results[^1].BytesPerEmail;
}
