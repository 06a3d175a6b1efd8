using EmailIngestion.Health;
using EmailIngestion.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Polls every mailbox of this process. Each poll has its own deadline and back-off. A hanging mailbox does not delay the polls of others.
/// </summary>
internal sealed class PollService(
    StreamPartitions partitions,
    PollPreparation preparation,
    PollRunner runner,
    HintFiles hints,
    IOptions<PollingOptions> options,
    Heartbeats heartbeats,
    TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>The name of polling in the process's health.</summary>
    public const string Loop = "poll";

    // The longest wait of a caller for its polls. Slower polls continue in the background.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // A timer waits only for fast polls. It does not fire while it waits, and the next polls of other mailboxes would be late.
    private static readonly TimeSpan TimerWait = TimeSpan.FromSeconds(1);

    private readonly PolledMailbox[] _mailboxes =
    [
        .. options.Value.Mailboxes
            .Select(mailbox => new PolledMailbox(mailbox, partitions.Get(mailbox.Partition).Stream, hints, time)),
    ];

    private readonly Dictionary<string, Task<PollResult>> _running = new(StringComparer.Ordinal);
    private readonly PollWatch _watch = new(heartbeats, time);
    private readonly CancellationTokenSource _stopping = new();
    private DateTimeOffset? _lastFired;

    /// <summary>Polls every mailbox without a running poll. It does not throw for a failed mailbox.</summary>
    /// <returns>The results of the polls that have ended, by mailbox.</returns>
    public Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(CancellationToken cancellationToken) =>
        PollAllAsync(LongestWait, cancellationToken);

    /// <summary>Does the same as <see cref="PollAllAsync(CancellationToken)"/> for a timer: it does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken) => PollAllAsync(TimerWait, cancellationToken);

    private async Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled || _mailboxes.Length == 0)
            return new Dictionary<string, PollResult>();
        heartbeats.Beat(Loop, NextBeatWithin(), isLoop: false);
        cancellationToken.ThrowIfCancellationRequested();
        // Also partitions without a mailbox: consumers and KEDA need their groups.
        foreach (var partition in partitions.Served)
            _ = preparation.PrepareAsync(partition.Stream, _stopping.Token);

        var polls = _mailboxes.ToDictionary(mailbox => mailbox.Name, Begin);
        Task all = Task.WhenAll(polls.Values);
        await all.WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ended = polls.Where(poll => poll.Value.IsCompletedSuccessfully).ToDictionary(poll => poll.Key, poll => poll.Value.Result);
        _watch.Check([.. ended.Values]);
        return ended;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task<PollResult>[] running;
        lock (_running)
            running = [.. _running.Values];
        await ((Task)Task.WhenAll(running)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await hints.FlushAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    // The interval belongs to the timer. This class knows only the time since the timer last fired.
    private TimeSpan NextBeatWithin()
    {
        var now = time.GetUtcNow();
        var last = _lastFired;
        _lastFired = now;
        return last is null ? TimeSpan.MaxValue : ((now - last.Value) * 3) + options.Value.Deadline;
    }

    private Task<PollResult> Begin(PolledMailbox mailbox)
    {
        lock (_running)
        {
            return _running.TryGetValue(mailbox.Name, out var running) && !running.IsCompleted
                ? running
                : _running[mailbox.Name] = PollAsync(mailbox);
        }
    }

    private async Task<PollResult> PollAsync(PolledMailbox mailbox)
    {
        var result = await runner.RunAsync(mailbox, _stopping.Token);
        if (result.End is not (PollEnd.Failed or PollEnd.BackingOff or PollEnd.RedisAway or PollEnd.Stopped))
            heartbeats.Succeeded(Loop);
        return result;
    }
}
