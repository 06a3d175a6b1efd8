using EmailIngestion.Health;
using EmailIngestion.Mailboxes.SignIn;
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
    MailboxPolls polls,
    AccessTokens tokens,
    IOptions<PollingOptions> options,
    Heartbeats heartbeats,
    TimeProvider time) : IHostedService
{
    /// <summary>The name of polling in the process's health.</summary>
    public const string Loop = "poll";

    // The longest wait of a caller for its polls. Slower polls continue in the background.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // A timer waits only for fast polls. It does not fire while it waits, and the next polls of other mailboxes would be late.
    private static readonly TimeSpan TimerWait = TimeSpan.FromSeconds(1);

    private readonly PollWatch _watch = new(heartbeats, time);
    private DateTimeOffset? _lastFired;

    /// <summary>Polls every mailbox without a running poll. It does not throw for a failed mailbox.</summary>
    /// <returns>The results of the polls that have ended, by mailbox.</returns>
    public Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(CancellationToken cancellationToken) =>
        PollAllAsync(LongestWait, cancellationToken);

    /// <summary>Does the same as <see cref="PollAllAsync(CancellationToken)"/> for a timer: it does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken) => PollAllAsync(TimerWait, cancellationToken);

    private async Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!options.Value.Polls)
            return new Dictionary<string, PollResult>();
        heartbeats.Beat(Loop, NextBeatWithin(), isLoop: false);
        cancellationToken.ThrowIfCancellationRequested();
        // Also partitions without a mailbox: consumers and KEDA need their groups.
        foreach (var partition in partitions.Served)
            _ = preparation.PrepareAsync(partition.Stream, polls.Stopping);

        var begun = polls.BeginAll();
        var all = NoteEndAsync(Task.WhenAll(begun.Values));
        await all.WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ended = begun.Where(poll => poll.Value.IsCompletedSuccessfully).ToDictionary(poll => poll.Key, poll => poll.Value.Result);
        _watch.Check([.. ended.Values]);
        return ended;
    }

    /// <summary>
    /// Resumes a parked mailbox, and those that share its access token. A wait that a server has asked for goes on. Returns false if there
    /// is no such mailbox.
    /// </summary>
    public bool Resume(string mailbox)
    {
        if (polls.Mailboxes.FirstOrDefault(one => one.Name == mailbox) is not { } parked)
            return false;
        parked.BackOff.Resume();
        ParkedMailboxes.Resume(polls.Mailboxes, [parked], tokens);
        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await polls.StopAsync(cancellationToken);
        await tokens.StopAsync(cancellationToken);
    }

    // The polls of a round may be longer than the wait for them.
    private async Task NoteEndAsync(Task round)
    {
        await round.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        heartbeats.Ended(Loop);
    }

    // The interval belongs to the timer. This class knows only the time since the timer last fired.
    private TimeSpan NextBeatWithin()
    {
        var now = time.GetUtcNow();
        var last = _lastFired;
        _lastFired = now;
        return last is null ? TimeSpan.MaxValue : ((now - last.Value) * 3) + options.Value.Deadline;
    }
}
