using System.Collections.Concurrent;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>Kills pollers after the mail server has carried out a follow-up and before they hear of it.</summary>
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
    // A poller that is paused, or backs off, carries nothing out for a while.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    // On a slow machine most emails are followed up after the other faults.
    private const int Fewest = 10;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);

    private readonly ConcurrentQueue<string> _commands = new();

    /// <summary>The commands without a confirmation.</summary>
    public IEnumerable<string> Commands => _commands;

    /// <summary>Kills one poller after the other until the first token is cancelled, and a little longer until some were killed.</summary>
    public async Task RunAsync(WorkerProcess[] pollers, Random random, CancellationToken enough, CancellationToken cancellationToken)
    {
        while (!enough.IsCancellationRequested)
            await KillAsync();
        var started = time.GetTimestamp();
        while (_commands.Count < Fewest && time.GetElapsedTime(started) < Longest)
            await KillAsync();

        Task KillAsync() =>
            RunAsync(pollers[random.Next(pollers.Length)], TimeSpan.FromSeconds(random.NextDouble() * 2), cancellationToken);
    }

    private async Task RunAsync(WorkerProcess poller, TimeSpan away, CancellationToken cancellationToken)
    {
        if (await relays[poller.Name].BeforeConfirmationAsync(poller.KillAsync, Within, cancellationToken) is not { } command)
            return;
        using var fault = log.Begin(FaultKind.Unconfirmed, poller.Name);
        _commands.Enqueue(command);
        await Observer.TryAsync(() => unlock(cancellationToken));
        await Task.Delay(away, time, cancellationToken);
        poller.Start();
    }
}
