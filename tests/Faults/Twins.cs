namespace EmailIngestion.Faults;

/// <summary>
/// Two consumers with the same configured name. One is paused for longer than the lifetime of its name, and the other acquires the name.
/// The first must end when it resumes.
/// </summary>
internal sealed class Twins(WorkerProcess first, WorkerProcess second, int partitions, FaultLog log, TimeProvider time)
{
    /// <summary>Longer than the lifetime of a name, 15 s.</summary>
    private static readonly TimeSpan PauseTime = TimeSpan.FromSeconds(17);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private WorkerProcess _active = first;
    private WorkerProcess _other = second;

    public IReadOnlyList<WorkerProcess> Both { get; } = [first, second];

    /// <summary>How many resumed without their name and ended.</summary>
    public int Ended { get; private set; }

    /// <summary>The consumers that resumed without their name and continued.</summary>
    public List<string> Troubles { get; } = [];

    public async Task RunAsync(Random random, CancellationToken cancellationToken)
    {
        var (sleeper, successor) = (_active, _other);
        // A consumer that has not started has no name to lose.
        if (!await UntilAsync(() => sleeper.Count(WorkerProcess.Reads) >= partitions, cancellationToken))
            return;
        (_active, _other) = (successor, sleeper);
        var (took, began) = (false, log.Now);
        using (log.Begin(FaultKind.NameTaken, sleeper.Name))
        {
            sleeper.Pause();
            try
            {
                var paused = Task.Delay(PauseTime, time, cancellationToken);
                successor.Start();
                took = await UntilAsync(() => successor.Count(WorkerProcess.Reads) >= partitions, cancellationToken);
                await paused;
                await Task.Delay(TimeSpan.FromSeconds(1 + (random.NextDouble() * 2)), time, cancellationToken);
            }
            finally
            {
                sleeper.Resume();
            }
        }

        var ended = await UntilAsync(() => sleeper.HasEnded, cancellationToken);
        // If an email has killed a consumer meanwhile, the first one that asks acquires the name.
        if (log.All.Any(fault => fault.Kind == FaultKind.Poison && fault.End > began && Both.Any(twin => twin.Name == fault.Target)))
            return;
        if (!took)
            Troubles.Add(
                $"{successor.Name} did not acquire the name of {sleeper.Name}, which was paused: it reads "
                + $"{successor.Count(WorkerProcess.Reads)} of {partitions} partitions; its last line: {successor.LastLine}");
        else if (!ended)
            Troubles.Add($"{sleeper.Name} continued after {successor.Name} had acquired its name");
        else if (sleeper.Count(WorkerProcess.NameTaken) == 0)
            Troubles.Add($"{sleeper.Name} ended after {successor.Name} had acquired its name and logged no reason");
        else
            Ended++;
    }

    /// <summary>Stops both, so that the other consumers drain the remaining work.</summary>
    public Task StopAsync() => Task.WhenAll(Both.Select(StopAsync));

    private async Task StopAsync(WorkerProcess twin)
    {
        using var stop = log.Begin(FaultKind.Stop, twin.Name);
        await twin.TerminateAsync();
    }

    private async Task<bool> UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!condition())
        {
            if (time.GetElapsedTime(started) > AnswerTimeout)
                return false;
            await Task.Delay(Interval, time, cancellationToken);
        }

        return true;
    }
}
