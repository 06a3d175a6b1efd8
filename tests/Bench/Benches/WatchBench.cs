using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;
using EmailIngestion.Load;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures the time from a delivery into Dovecot to the start of processing, against the time until imapflow announces the email.
/// </summary>
internal sealed class WatchBench : IBench
{
    private const int Skipped = 10;
    private const int Count = Skipped + 40;
    private const int Bytes = 4_096;
    private const double AtMostMore = 5;

    // Dovecot announces an email half a second after the delivery, and what comes in between with it.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1_100);

    public string Name => "watch";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, cancellationToken);
        server.AddUser(LoadMail.User, PollSide.Password);
        using var sender = new RawImap();
        await sender.ConnectAsync(server.Port, LoadMail.User, PollSide.Password, cancellationToken);
        var (ours, peer) = (new List<double[]>(), new List<double[]>());
        for (var round = 0; round < context.Rounds; round++)
        {
            await sender.DeleteAllAsync("INBOX", cancellationToken);
            await context.CleanAsync(cancellationToken);
            await using (var watch = SideProcess.Ours(WatchSide.Name, context.RedisPort, server.Port))
                ours.Add(await MeasureAsync(watch, sender, "ours", cancellationToken));
            await context.CleanAsync(cancellationToken);
            await using (var watch = await context.Peers.StartScriptAsync("imapflow", "watch.mjs", [server.Port], cancellationToken))
                peer.Add(await MeasureAsync(watch, sender, "imapflow", cancellationToken));
        }

        return
        [
            BenchRow.OfDifference(Name, "delivery to start, p50", AtMostMore, "imapflow", "ms", At(ours, 0.50), At(peer, 0.50)),
            BenchRow.OfDifference(Name, "delivery to start, p99", AtMostMore, "imapflow", "ms", At(ours, 0.99), At(peer, 0.99)),
        ];
    }

    private static async Task<double[]> MeasureAsync(
        SideProcess side, RawImap sender, string name, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        await side.ReadyAsync(cancellationToken);
        var sent = new double[Count];
        var mail = new LoadMail(Bytes);
        for (var n = 0; n < Count; n++)
        {
            sent[n] = MonotonicClock.Milliseconds(time);
            await sender.AppendAsync("INBOX", [(mail.Raw((uint)n + 1), time.GetUtcNow())], cancellationToken);
            await Task.Delay(Interval, time, cancellationToken);
        }

        await Task.Delay(Interval, time, cancellationToken);
        var seen = (await side.ResultAsync(cancellationToken)).Milliseconds;
        if (seen.Count != Count)
            throw new BenchException($"{name} noticed {seen.Count} of {Count} emails one by one.");
        double[] waits = [.. seen.Zip(sent, (at, from) => at - from).Skip(Skipped).Order()];
        Console.Error.WriteLine(FormattableString.Invariant(
            $"  {name}: least {waits[0]:0.0} ms, p50 {At(waits, 0.5):0.0} ms, p99 {At(waits, 0.99):0.0} ms"));
        return waits;
    }

    private static double[] At(IEnumerable<double[]> rounds, double share) => [.. rounds.Select(round => At(round, share))];

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
