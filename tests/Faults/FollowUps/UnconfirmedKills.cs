using System.Collections.Concurrent;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>
/// Kills pollers after the mail server has carried out a follow-up and before they hear of it. Each time it waits for one of the commands
/// after which pollers were killed least, so that a run covers all of them.
/// </summary>
/// <param name="relays">The connections of each poller, by its name.</param>
/// <param name="unlock">
/// Removes the locks of the mailboxes. Those of the killed poller would expire after a minute, and this run is shorter. Those of the other
/// poller only save work.
/// </param>
/// <param name="log">Where the kills are recorded.</param>
/// <param name="time">A real clock.</param>
internal sealed class UnconfirmedKills(
    IReadOnlyDictionary<string, PollerRelays> relays, Func<CancellationToken, Task> unlock, FaultLog log, TimeProvider time)
{
    // Emails are copied by their places on a server without UIDPLUS.
    private static readonly string[] Commands = ["UID MOVE", "UID COPY", "COPY", "UID STORE", "UID EXPUNGE"];

    // Pollers that are paused, or back off, carry nothing out for a while.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    // On a slow machine most emails are followed up after the other faults.
    private const int FewestOfEach = 2;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongestForOne = TimeSpan.FromMinutes(6);

    private readonly ConcurrentDictionary<string, int> _counts = new(Commands.Select(command => KeyValuePair.Create(command, 0)));

    private bool _hasRun;

    /// <summary>After which commands pollers were killed, and how often.</summary>
    public IEnumerable<(string Command, int Count)> Counts => Commands.Select(command => (command, _counts[command]));

    /// <summary>The commands after which none was killed, although that was tried.</summary>
    public IEnumerable<string> Missing => _hasRun ? Commands.Where(command => _counts[command] == 0) : [];

    /// <summary>Whether pollers were killed often enough after each command, so that the rest of the mail may arrive.</summary>
    public bool AreEnough { get; private set; }

    /// <summary>
    /// Kills pollers until the first token is cancelled, a little longer until some were killed after each command, and once more after
    /// each while the rest of the mail arrives.
    /// </summary>
    public async Task RunAsync(WorkerProcess[] pollers, Random random, CancellationToken enough, CancellationToken cancellationToken)
    {
        _hasRun = true;
        while (!enough.IsCancellationRequested)
            await KillAsync(pollers, TimeSpan.FromSeconds(random.NextDouble() * 2), cancellationToken);
        var started = time.GetTimestamp();
        await KillUntilAsync(FewestOfEach);
        AreEnough = true;
        await KillUntilAsync(_counts.Values.Min() + 1);

        async Task KillUntilAsync(int fewest)
        {
            while (_counts.Values.Min() is var least && least < fewest
                && time.GetElapsedTime(started) < (least == 0 ? LongestForOne : Longest))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await KillAsync(pollers, TimeSpan.FromSeconds(random.NextDouble() * 2), cancellationToken);
            }
        }
    }

    private async Task KillAsync(WorkerProcess[] pollers, TimeSpan away, CancellationToken cancellationToken)
    {
        var fewest = _counts.Values.Min();
        if (await KillAfterAsync(pollers, Commands.Where(command => _counts[command] == fewest), cancellationToken) is not { } killed)
            return;
        using var fault = log.Begin(FaultKind.Unconfirmed, killed.Poller.Name);
        _counts[killed.Command]++;
        await Observer.TryAsync(() => unlock(cancellationToken));
        await Task.Delay(away, time, cancellationToken);
        killed.Poller.Start();
    }

    /// <summary>Kills the first poller for which the server carries out one of the commands; null when there was none in time.</summary>
    private async Task<(WorkerProcess Poller, string Command)?> KillAfterAsync(
        WorkerProcess[] pollers, IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<(WorkerProcess, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = 0;
        foreach (var poller in pollers)
        {
            relays[poller.Name].CutAfter($@"^\S+ ({string.Join('|', commands)}) ", async line =>
            {
                if (Interlocked.Exchange(ref isTaken, 1) == 1)
                    return;
                await poller.KillAsync();
                done.SetResult((poller, Commands.First(command => line.Split(' ', 2)[1].StartsWith(command, StringComparison.Ordinal))));
            });
        }

        await Task.WhenAny(done.Task, Task.Delay(Within, time, cancellationToken));
        foreach (var poller in pollers)
            relays[poller.Name].CutNoMore();
        return Interlocked.Exchange(ref isTaken, 1) == 1 ? await done.Task : null;
    }
}
