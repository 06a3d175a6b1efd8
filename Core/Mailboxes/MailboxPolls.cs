using EmailIngestion.Health;
using EmailIngestion.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>Starts the polls of this process, at most one of a mailbox at a time, and ends them.</summary>
internal sealed class MailboxPolls : IDisposable
{
    private readonly PolledMailboxes _mailboxes;
    private readonly PollRunner _runner;
    private readonly PollReporter _reporter;
    private readonly HintFiles _hints;
    private readonly Heartbeats _heartbeats;
    private readonly Dictionary<string, Task<PollResult>> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public MailboxPolls(PolledMailboxes mailboxes, PollRunner runner, PollReporter reporter, HintFiles hints, Heartbeats heartbeats)
    {
        (_mailboxes, _runner, _reporter, _hints, _heartbeats) = (mailboxes, runner, reporter, hints, heartbeats);
        mailboxes.Removed += Forget;
    }

    /// <summary>Cancelled when the process stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public IReadOnlyList<PolledMailbox> Mailboxes => _mailboxes.All;

    /// <summary>Starts a poll of each mailbox. One that is running goes on.</summary>
    public Dictionary<string, Task<PollResult>> BeginAll() =>
        _mailboxes.All.ToDictionary(mailbox => mailbox.Name, mailbox => Begin(mailbox));

    /// <summary>Starts a poll of the mailbox. One that is running goes on.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="isAnnounced">Whether its watch has found an email, and is about to leave its connection to this poll.</param>
    public Task<PollResult> Begin(PolledMailbox mailbox, bool isAnnounced = false)
    {
        lock (_running)
        {
            return _running.TryGetValue(mailbox.Name, out var running) && !running.IsCompleted
                ? running
                : _running[mailbox.Name] = PollAsync(mailbox, isAnnounced);
        }
    }

    /// <summary>Waits until no poll of the mailbox runs.</summary>
    public async Task UntilIdleAsync(PolledMailbox mailbox)
    {
        Task<PollResult>? running;
        lock (_running)
            _running.TryGetValue(mailbox.Name, out running);
        await ((Task?)running ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends the running polls, and waits for them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task<PollResult>[] running;
        lock (_running)
            running = [.. _running.Values];
        await ((Task)Task.WhenAll(running)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _hints.FlushAsync(cancellationToken);
    }

    public void Dispose()
    {
        _mailboxes.Removed -= Forget;
        _stopping.Dispose();
    }

    private async Task<PollResult> PollAsync(PolledMailbox mailbox, bool isAnnounced)
    {
        var result = await _runner.RunAsync(mailbox, isAnnounced, _stopping.Token);
        if (result.End is not (PollEnd.Failed or PollEnd.BackingOff or PollEnd.Parked or PollEnd.RedisAway or PollEnd.Stopped))
            _heartbeats.Succeeded(PollService.Loop);
        return result;
    }

    private void Forget(IReadOnlyList<PolledMailbox> removed)
    {
        foreach (var mailbox in removed)
            _ = ForgetAsync(mailbox);
    }

    // The cursor stays: a mailbox that is added again continues there.
    private async Task ForgetAsync(PolledMailbox mailbox)
    {
        await UntilIdleAsync(mailbox);
        // It may have been added again meanwhile.
        if (_mailboxes.All.Any(present => present.Name == mailbox.Name))
            return;
        _reporter.Forget(mailbox.Name);
        try
        {
            await mailbox.State.UnlistAsync(mailbox.Name, Stopping);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException or ObjectDisposedException)
        {
            // The status still lists it.
        }
    }
}
