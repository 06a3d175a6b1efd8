namespace EmailIngestion.Faults;

/// <summary>
/// Two consumers of one chosen name. One stands still for longer than its name lives, the other takes the name, and the first wakes up: it
/// has to end by itself.
/// </summary>
internal sealed class Twins(WorkerProcess first, WorkerProcess second, int partitions, FaultLog log, TimeProvider time)
{
    /// <summary>Longer than a name lives without its process, 15 s.</summary>
    private static readonly TimeSpan Stands = TimeSpan.FromSeconds(17);

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private WorkerProcess _active = first;
    private WorkerProcess _other = second;

    public IReadOnlyList<WorkerProcess> Both { get; } = [first, second];

    /// <summary>How many have woken up without their name and ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Those that went on.</summary>
    public List<string> Troubles { get; } = [];

    public async Task RunAsync(Random random, CancellationToken cancellationToken)
    {
        var (sleeper, successor) = (_active, _other);
        // One that has not begun has no name to lose.
        if (!await UntilAsync(() => sleeper.Count(WorkerProcess.Reads) >= partitions, cancellationToken))
            return;
        (_active, _other) = (successor, sleeper);
        var (took, began) = (false, log.Now);
        using (log.Begin(FaultKind.NameTaken, sleeper.Name))
        {
            sleeper.Pause();
            try
            {
                var stoodStill = Task.Delay(Stands, time, cancellationToken);
                successor.Start();
                took = await UntilAsync(() => successor.Count(WorkerProcess.Reads) >= partitions, cancellationToken);
                await stoodStill;
                await Task.Delay(TimeSpan.FromSeconds(1 + (random.NextDouble() * 2)), time, cancellationToken);
            }
            finally
            {
                sleeper.Resume();
            }
        }

        var ended = await UntilAsync(() => sleeper.HasEnded, cancellationToken);
        // One that an email has killed meanwhile leaves the name to whoever asks first.
        if (log.All.Any(fault => fault.Kind == FaultKind.Poison && fault.End > began && Both.Any(twin => twin.Name == fault.Target)))
            return;
        if (!took)
            Troubles.Add($"{successor.Name} did not get the name of {sleeper.Name}, which stood still");
        else if (!ended)
            Troubles.Add($"{sleeper.Name} went on after {successor.Name} had taken its name");
        else if (sleeper.Count(WorkerProcess.NameTaken) == 0)
            Troubles.Add($"{sleeper.Name} ended after {successor.Name} had taken its name and did not say why");
        else
            Ended++;
    }

    /// <summary>Both, so that what is left is drained by the others.</summary>
    public Task StopAsync() => Task.WhenAll(Both.Select(twin => twin.TerminateAsync()));

    private async Task<bool> UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!condition())
        {
            if (time.GetElapsedTime(started) > AnswerTimeout)
                return false;
            await Task.Delay(Look, time, cancellationToken);
        }

        return true;
    }
}
