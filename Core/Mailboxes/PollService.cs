using System.Collections.Concurrent;
using EmailIngestion.Health;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Polls every mailbox of this process. Each poll has its own deadline and back-off. A hanging mailbox does not delay the polls of others.
/// </summary>
internal sealed class PollService(
    StreamPartitions partitions,
    StreamPressure pressure,
    PollPreparation preparation,
    PollReporter reporter,
    Func<MailboxOptions, IMailbox> connect,
    IOptions<PollingOptions> options,
    ResiliencePipelineProvider<string> pipelines,
    IngestionMetrics metrics,
    Heartbeats heartbeats,
    HintFiles hints,
    TimeProvider time,
    ILogger<PollService> logger) : IHostedService, IDisposable
{
    /// <summary>The name of polling in the process's health.</summary>
    public const string Loop = "poll";

    // The longest wait of a caller for its polls. Slower polls continue in the background.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // A timer waits only for fast polls. It does not fire while it waits, and the next polls of other mailboxes would be late.
    private static readonly TimeSpan TimerWait = TimeSpan.FromSeconds(1);

    // One holder of mailbox locks for the process, which runs one poll of a mailbox at a time. If a poll could not release its lock during
    // an outage of Redis, the next poll acquires it again without waiting for its expiry.
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, Task<PollResult>> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MailboxBackOff> _backOffs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MailboxMemory> _memories = new(StringComparer.Ordinal);
    private readonly PollWatch _watch = new(heartbeats, time);
    private readonly PollPlaces _places = new(options.Value, time, logger);
    private readonly CancellationTokenSource _stopping = new();
    private DateTimeOffset? _lastFired;

    /// <summary>The budget of mail in memory, in bytes.</summary>
    internal PollBudget Bytes { get; } = new(options.Value.MaxBytesInFlight);

    /// <summary>Polls every mailbox without a running poll. It does not throw for a failed mailbox.</summary>
    /// <returns>The results of the polls that have ended, by mailbox.</returns>
    public Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(CancellationToken cancellationToken) =>
        PollAllAsync(LongestWait, cancellationToken);

    /// <summary>Does the same as <see cref="PollAllAsync(CancellationToken)"/> for a timer: it does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken) => PollAllAsync(TimerWait, cancellationToken);

    private async Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled || options.Value.Mailboxes.Count == 0)
            return new Dictionary<string, PollResult>();
        heartbeats.Beat(Loop, NextBeatWithin(), isLoop: false);
        // Also partitions without a mailbox: consumers and KEDA need their groups.
        foreach (var partition in partitions.Served)
            _ = preparation.PrepareAsync(partition.Stream, _stopping.Token);
        var polls = options.Value.Mailboxes.ToDictionary(mailbox => mailbox.Name, Begin);
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

    public void Dispose()
    {
        _stopping.Dispose();
        _places.Dispose();
    }

    // The interval belongs to the timer. This class knows only the time since the timer last fired.
    private TimeSpan NextBeatWithin()
    {
        var now = time.GetUtcNow();
        var last = _lastFired;
        _lastFired = now;
        return last is null ? TimeSpan.MaxValue : ((now - last.Value) * 3) + options.Value.Deadline;
    }

    private Task<PollResult> Begin(MailboxOptions mailbox)
    {
        lock (_running)
        {
            return _running.TryGetValue(mailbox.Name, out var running) && !running.IsCompleted
                ? running
                : _running[mailbox.Name] = PollAsync(mailbox);
        }
    }

    private async Task<PollResult> PollAsync(MailboxOptions mailbox)
    {
        await Task.Yield();
        var stream = partitions.Get(mailbox.Partition).Stream;
        if (!await preparation.PrepareAsync(stream, _stopping.Token))
            return new PollResult(PollEnd.RedisAway);
        IDisposable place;
        try
        {
            place = await _places.AcquireAsync(mailbox, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return new PollResult(PollEnd.Stopped);
        }

        using (place)
        {
            using var activity = IngestionTracing.StartPoll(mailbox.Name);
            var started = time.GetTimestamp();
            var result = await PollGuardedAsync(mailbox, stream);
            metrics.Polled(mailbox.Name, time.GetElapsedTime(started));
            activity?.SetTag("poll.end", result.End.ToString()).SetTag("poll.appended", result.Appended);
            await reporter.ReportAsync(mailbox.Name, stream, result, time.GetElapsedTime(started));
            if (result.End is not (PollEnd.Failed or PollEnd.BackingOff or PollEnd.RedisAway or PollEnd.Stopped))
                heartbeats.Succeeded(Loop);
            return result;
        }
    }

    private async Task<PollResult> PollGuardedAsync(MailboxOptions mailbox, EmailStream stream)
    {
        using var deadline = new CancellationTokenSource(options.Value.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
        var poller = new MailboxPoller(
            mailbox,
            _memories.GetOrAdd(mailbox.Name, name => new MailboxMemory(name, hints)),
            Bytes,
            _holder,
            options.Value,
            stream,
            pressure,
            connect,
            pipelines.GetPipeline(RedisPipeline.Name),
            metrics,
            time,
            logger);
        var backOff = _backOffs.GetOrAdd(mailbox.Name, _ => new MailboxBackOff(time));
        try
        {
            return await backOff.ExecuteAsync(poller.PollAsync, either.Token);
        }
        catch (Exception) when (either.IsCancellationRequested)
        {
            // Cancellation closed the connection, whatever the exception says. A poll that read nothing until the deadline is a failure,
            // not a slow mailbox.
            if (_stopping.IsCancellationRequested)
                return poller.Progress with { End = PollEnd.Stopped };
            if (!poller.Progress.IsEmpty || poller.IsWaitingForBytes)
                return poller.Progress with { End = PollEnd.Deadline };
            await CountFailureAsync(poller);
            return new PollResult(PollEnd.Failed, Error: $"Nothing could be read within Polling:Deadline, {options.Value.Deadline}.");
        }
        catch (Exception e) when (RedisErrors.IsPassing(e))
        {
            return poller.Progress with { End = PollEnd.RedisAway, Error = RedisErrors.IsReplaced(e) ? null : BriefError.Of(e) };
        }
        catch (Exception e)
        {
            // A failure of one mailbox must not affect other mailboxes.
            if (e is not MailboxThrottledException)
                await CountFailureAsync(poller);
            return PollFailure.Of(poller.Progress, e, backOff.Description);
        }
    }

    private static async Task CountFailureAsync(MailboxPoller poller)
    {
        try
        {
            await poller.CountFailureAsync();
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // The next poll reports the outage.
        }
    }
}
