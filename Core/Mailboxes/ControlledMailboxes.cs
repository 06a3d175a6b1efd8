using System.Collections.Concurrent;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Lets the mailboxes of this process obey what somebody has changed at run time: pauses, requested polls, and the end of a parking.
/// </summary>
internal sealed class ControlledMailboxes(
    StreamPartitions partitions,
    PollService service,
    MailboxPolls polls,
    IOptions<PollingOptions> options,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger<PollService> logger) : IHostedService
{
    // A request that nothing could serve for so long is no longer expected.
    private static readonly TimeSpan RequestLife = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, string> _unparked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _polling = new(StringComparer.Ordinal);
    private readonly List<(PartitionControl Control, Action<ControlState> Apply)> _subscribed = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Polls)
            return Task.CompletedTask;
        foreach (var control in partitions.Served.Select(partition => partition.Control))
        {
            void Apply(ControlState state) => this.Apply(control, state);
            control.Updated += Apply;
            _subscribed.Add((control, Apply));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var (control, apply) in _subscribed)
            control.Updated -= apply;
        _subscribed.Clear();
        return Task.CompletedTask;
    }

    private void Apply(PartitionControl control, ControlState state)
    {
        var mine = polls.Mailboxes.Where(mailbox => mailbox.Control == control)
            .ToDictionary(mailbox => mailbox.Name, StringComparer.Ordinal);
        foreach (var mailbox in mine.Values)
        {
            mailbox.Pause.Set(mailbox.IsPaused);
            metrics.MailboxPaused(mailbox.Name, mailbox.IsPaused);
        }

        foreach (var request in state.Unparks.Where(request => !IsOld(request)))
        {
            if (mine.TryGetValue(request.Mailbox, out var mailbox) && _unparked.GetValueOrDefault(request.Mailbox) != request.Value)
            {
                _unparked[request.Mailbox] = request.Value;
                _ = UnparkAsync(mailbox);
            }
        }

        foreach (var request in state.Polls)
        {
            if (mine.TryGetValue(request.Mailbox, out var mailbox) && !mailbox.IsPaused && _polling.TryAdd(request.Mailbox, true))
                _ = ServeAsync(control, mailbox, request);
        }
    }

    // A poll that runs may have been refused before somebody corrected the account, and parks the mailbox again.
    private async Task UnparkAsync(PolledMailbox mailbox)
    {
        await polls.UntilIdleAsync(mailbox);
        service.Resume(mailbox.Name);
        await polls.Begin(mailbox);
    }

    private bool IsOld(ControlRequest request) => time.GetUtcNow() - request.At > RequestLife;

    // Until the poll has run the request stays in Redis, so that it survives this process. A wait that the server has asked for and a
    // parking come first: the request waits with them.
    private async Task ServeAsync(PartitionControl control, PolledMailbox mailbox, ControlRequest request)
    {
        try
        {
            if (IsOld(request) || await PollAsync(mailbox))
                await control.TakePollAsync(request, polls.Stopping);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException or ObjectDisposedException)
        {
            // The request is served again.
        }
        catch (Exception e)
        {
            Redis.Log.Unexpected(logger, e);
        }
        finally
        {
            _polling.TryRemove(mailbox.Name, out _);
        }
    }

    private async Task<bool> PollAsync(PolledMailbox mailbox)
    {
        mailbox.BackOff.EndAfterFailures();
        if (mailbox.BackOff.Until is not null || await mailbox.Wait.ReadAsync(polls.Stopping) is not null)
            return false;
        // A poll that runs may have searched before the email came.
        await polls.UntilIdleAsync(mailbox);
        var result = await polls.Begin(mailbox);
        return !result.IsNotPolled && result.End != PollEnd.RedisAway;
    }
}
