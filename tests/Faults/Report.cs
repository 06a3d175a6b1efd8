using System.Globalization;

namespace EmailIngestion.Faults;

/// <summary>Prints the account for people.</summary>
internal static class Report
{
    private const int Shown = 20;

    public static void Write(
        Account account, FaultLog faults, IReadOnlyList<Failover> failovers, Gauges gauges, Twins twins, int replayed, bool drained,
        TimeSpan drainTook)
    {
        foreach (var kind in faults.All.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            Line(kind.Key, kind.Count());
        Line("failovers", failovers.Count);
        foreach (var failover in failovers)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {failover.Number}: {failover.Promoted:HH:mm:ss.f}, complete until {failover.LostFrom:HH:mm:ss.f}; "
                + $"{failover.LostBytes:N0} bytes of replication lost"));
        }

        Console.WriteLine();
        Line("in the mailboxes", account.InMailboxes);
        Line("processed exactly once", account.Once);
        Line("processed again, by a fault", account.Repeated.Values.Sum());
        foreach (var (why, count) in account.Repeated.OrderBy(why => why.Key, StringComparer.Ordinal))
            Line($"  {why}", count);
        Line("processed again, unexplained", account.Unexplained.Count);
        Line("dead-lettered, as they should", account.DeadLettered);
        Line("dead letters lost with Redis", account.GoneDeadLetters);
        Line("dead-lettered and replayed", replayed);
        Line("with contradicting results", account.Confused.Count);
        Line("refused to a former owner", account.RefusedToFormerOwners);
        Line("accepted from a former owner", account.TakenFromFormerOwners);
        Line("ended without its name", twins.Ended);
        Line("lost", account.Lost.Count);
        Line("reported as vanished", (int)account.Vanished);
        Line("polling stopped at the limit", account.StopsAtLimit.Count);
        Line("  by settled entries", account.StoppedBySettled.Count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  At most: {gauges.MaxStreamLength:N0} entries in a stream ({gauges.MaxSettled:N0} of them settled), "
            + $"{Megabytes(gauges.MaxRedisBytes)} in Redis ({Megabytes(gauges.RedisBytes)} at the end), "
            + $"{Megabytes(gauges.MaxWorkerBytes)} in a process"));
        var troubles = account.Lost.Select(one => $"lost: {one}")
            .Concat(account.Unexplained)
            .Concat(account.Confused)
            .Concat(account.StoppedBySettled)
            .Concat(account.Troubles);
        foreach (var trouble in troubles.Take(Shown))
            Console.WriteLine($"  {trouble}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(account.IsGood && drained ? "Good" : "NOT GOOD")}: "
            + $"{(drained ? $"drained {drainTook.TotalSeconds:0} s after the last fault" : "not drained")}."));
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024d / 1024:0} MiB");

    private static void Line(string what, int count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-30} {count,8:N0}"));
}
