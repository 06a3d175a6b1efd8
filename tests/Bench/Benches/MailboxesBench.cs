using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures what many mailboxes of one server cost at rest: polled each minute, and watched.</summary>
internal sealed class MailboxesBench : IBench
{
    private const int Count = 300;
    private const double PolledCpu = 1;
    private const double WatchedCpu = 0.3;
    private const double Megabytes = 0.3;

    public string Name => MailboxesSide.Name;

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        foreach (var isWatched in new[] { false, true })
        {
            await using var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, cancellationToken);
            for (var number = 0; number < Count; number++)
                server.AddUser(MailboxesSide.User(number), PollSide.Password);
            // The rest of minutes is measured once: rounds would repeat the same.
            await context.CleanAsync(cancellationToken);
            await using var side = SideProcess.Ours(
                MailboxesSide.Name, context.RedisPort, server.Port, Count, isWatched ? 1 : 0);
            var result = await side.ResultAsync(cancellationToken);
            var kind = isWatched ? "watched" : "polled each minute";
            Console.Error.WriteLine(FormattableString.Invariant(
                $"  {kind}: {result.PollsPerMinute:0} polls a minute, {result.Connections} connections, {result.Threads} threads, ")
                + $"batches polled after {string.Join(", ", result.Milliseconds.Select(wait => (int)(wait / 1000)))} s");
            rows.Add(BenchRow.OfBound(
                Name, $"{kind}: processor for 100", isWatched ? WatchedCpu : PolledCpu, "% of a core",
                [result.IdleCpu * 100 * 100 / Count]));
            rows.Add(BenchRow.OfBound(
                Name, $"{kind}: memory of one", Megabytes, "MB", [(result.LaterWorkingSetMb - result.WorkingSetMb) / Count]));
        }

        return rows;
    }
}
