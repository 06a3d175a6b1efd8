using EmailIngestion.Faults.FollowUps;

namespace EmailIngestion.Faults;

/// <summary>
/// Injects faults one after the other in the order that the seed gives. A long fault overlaps with the next, but not with one of its own
/// kind.
/// </summary>
internal sealed class FaultSchedule(
    int seed, WorkerProcess[] consumers, WorkerProcess[] pollers, RedisServers redis, Mailboxes mailboxes, EffectReceiver receiver,
    FormerOwner? former, UnconfirmedKills? unconfirmed, Twins twins, EmptiedRedis emptied, FaultLog log)
{
    // The number of faults. Each long or severe kind occurs once among them.
    private const int Round = 60;

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Injects faults until the token is cancelled, and waits for the end of the running ones.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken cancellationToken)
    {
        var kinds = Kinds();
        if (unconfirmed is not null)
            _running["unconfirmed"] = unconfirmed.RunAsync(pollers, new Random(seed), enough, cancellationToken);
        var (takenAt, emptyAt) = (_random.Next(2), 4 + _random.Next(4));
        for (var count = 0; !enough.IsCancellationRequested; count++)
        {
            await DelayAsync(0.3 + (_random.NextDouble() * 1.5), enough);
            var once = new Random(_random.Next());
            if (count % Round == takenAt && (!_running.TryGetValue("twins", out var twin) || twin.IsCompleted))
                _running["twins"] = twins.RunAsync(once, cancellationToken);
            if (count % Round == emptyAt)
                _running["Redis"] = EmptyAsync(_running.GetValueOrDefault("Redis"), once, cancellationToken);
            // Random numbers are drawn whether the fault can start or not, so that the order depends on the seed only.
            var (kind, target, run) = kinds[_random.Next(kinds.Count)](new Random(_random.Next()));
            if (enough.IsCancellationRequested || (_running.TryGetValue(Exclusive(kind, target), out var before) && !before.IsCompleted))
                continue;
            _running[Exclusive(kind, target)] = InjectAsync(kind, target, run, cancellationToken);
        }

        await Task.WhenAll(_running.Values);
    }

    // Each process has one fault at a time, and so has Redis as a whole.
    private static string Exclusive(string kind, string target) => target.Length > 0 ? target : kind;

    private async Task InjectAsync(string kind, string target, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var fault = log.Begin(kind, target);
        await run(cancellationToken);
    }

    private async Task EmptyAsync(Task? before, Random random, CancellationToken cancellationToken)
    {
        if (before is not null)
            await before;
        // In half of the runs the waiting emails still block trimming. In the others the hints know that most emails are settled.
        if (random.Next(2) == 0)
        {
            receiver.AcceptWaiting();
            await DelayAsync(3, cancellationToken);
        }

        emptied.Begin();
        using var fault = log.Begin(FaultKind.Empty, "Redis");
        emptied.Note(await redis.EmptyAsync(random, cancellationToken));
    }

    private List<Func<Random, (string Kind, string Target, Func<CancellationToken, Task> Run)>> Kinds()
    {
        List<Func<Random, (string, string, Func<CancellationToken, Task>)>> kinds =
        [
            random => OnConsumer(FaultKind.Kill, random, KillAsync),
            random => OnConsumer(FaultKind.Kill, random, KillAsync),
            random => OnConsumer(FaultKind.Terminate, random, TerminateAsync),
            random => OnConsumer(FaultKind.Pause, random, PauseAsync),
            random => OnPoller(FaultKind.PollerKill, random, KillAsync),
            random => OnPoller(FaultKind.PollerPause, random, PauseAsync),
            random => (FaultKind.ServerCrash, "", token => mailboxes.CrashAsync(TimeSpan.FromSeconds(random.NextDouble()), token)),
            _ => (FaultKind.Cut, "", _ => CutAsync()),
            random => (FaultKind.Outage, "", token => OutageAsync(random, token)),
        ];
        if (former is not null)
            kinds.Add(_ => (FaultKind.FormerOwner, "", former.RunAsync));
        foreach (var (kind, run) in redis.Faults)
            kinds.Add(random => (kind, "Redis", token => run(random, token)));
        return kinds;
    }

    private (string, string, Func<CancellationToken, Task>) OnConsumer(
        string kind, Random random, Func<WorkerProcess, Random, CancellationToken, Task> run) =>
        On(consumers, kind, random, run);

    private (string, string, Func<CancellationToken, Task>) OnPoller(
        string kind, Random random, Func<WorkerProcess, Random, CancellationToken, Task> run) =>
        On(pollers, kind, random, run);

    private static (string, string, Func<CancellationToken, Task>) On(
        WorkerProcess[] workers, string kind, Random random, Func<WorkerProcess, Random, CancellationToken, Task> run)
    {
        var worker = workers[random.Next(workers.Length)];
        return (kind, worker.Name, token => run(worker, random, token));
    }

    private static async Task KillAsync(WorkerProcess worker, Random random, CancellationToken cancellationToken)
    {
        await worker.KillAsync();
        await DelayAsync(random.NextDouble() * 2, cancellationToken);
        worker.Start();
    }

    private async Task TerminateAsync(WorkerProcess worker, Random random, CancellationToken cancellationToken)
    {
        using (log.Begin(FaultKind.Stop, worker.Name))
            await worker.TerminateAsync();
        await DelayAsync(random.NextDouble() * 2, cancellationToken);
        worker.Start();
    }

    private static async Task PauseAsync(WorkerProcess worker, Random random, CancellationToken cancellationToken)
    {
        worker.Pause();
        try
        {
            // The pause is often longer than the leases.
            await DelayAsync(1 + (random.NextDouble() * 9), cancellationToken);
        }
        finally
        {
            worker.Resume();
        }
    }

    private Task CutAsync()
    {
        mailboxes.Cut();
        return Task.CompletedTask;
    }

    private async Task OutageAsync(Random random, CancellationToken cancellationToken)
    {
        receiver.IsDown = true;
        await DelayAsync(1 + (random.NextDouble() * 4), cancellationToken);
        receiver.IsDown = false;
    }

    private static Task DelayAsync(double seconds, CancellationToken cancellationToken) =>
        ((Task)Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken)).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
