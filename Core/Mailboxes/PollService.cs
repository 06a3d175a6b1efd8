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
/// Polls every mailbox of this process, each for itself: own deadline, own back-off. A mailbox that hangs is left to its
/// deadline while the timer goes on with the others.
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
    public const string Loop = "poll";

    // How long a caller waits for the polls it has begun; those that take longer go on without it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // The timer waits for the quick ones only: while it waits it does not fire, and the others' next poll would be late.
    private static readonly TimeSpan TimerWait = TimeSpan.FromSeconds(1);

    // Of the process, which polls a mailbox once at a time: after a poll that could not give its lease back, because Redis was away, the next
    // takes it up instead of waiting for its end.
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, Task<PollResult>> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MailboxBackOff> _backOffs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MailboxMemory> _memories = new(StringComparer.Ordinal);
    private readonly PollWatch _watch = new(heartbeats, time);
    private readonly PollPlaces _places = new(options.Value, time, logger);
    private readonly CancellationTokenSource _stopping = new();
    private DateTimeOffset? _lastFired;

    /// <summary>The bytes of mail that the polls may hold.</summary>
    internal PollBudget Bytes { get; } = new(options.Value.MaxBytesInFlight);

    /// <summary>Polls every mailbox that is not being polled already. Never throws for a mailbox's sake.</summary>
    /// <returns>The polls that have ended in the meantime.</returns>
    public Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(CancellationToken cancellationToken) => PollAllAsync(LongestWait, cancellationToken);

    /// <summary>As <see cref="PollAllAsync(CancellationToken)"/>, for a timer: it does not wait for slow mailboxes.</summary>
    public Task FireAsync(CancellationToken cancellationToken) => PollAllAsync(TimerWait, cancellationToken);

    private async Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled || options.Value.Mailboxes.Count == 0)
            return new Dictionary<string, PollResult>();
        heartbeats.Beat(Loop, Silence(), isLoop: false);
        if (!await preparation.PrepareAsync(cancellationToken))
            return new Dictionary<string, PollResult>();

        var polls = options.Value.Mailboxes.ToDictionary(mailbox => mailbox.Name, Begin);
        await ((Task)Task.WhenAll(polls.Values)).WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ended = polls.Where(poll => poll.Value.IsCompletedSuccessfully).ToDictionary(poll => poll.Key, poll => poll.Value.Result);
        _watch.Look([.. ended.Values]);
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

    // The interval is the timer's; what is known of it is how long ago it last fired.
    private TimeSpan Silence()
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
        IDisposable place;
        try
        {
            place = await _places.EnterAsync(mailbox, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return new PollResult(PollEnd.Stopped);
        }

        using (place)
        {
            using var activity = IngestionTracing.StartPoll(mailbox.Name);
            var started = time.GetTimestamp();
            var stream = partitions.Get(mailbox.Partition).Stream;
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
            // However the connection put it, it was we who hung up. One that gave nothing in all that time is no slow mailbox, it is a fault.
            if (_stopping.IsCancellationRequested)
                return poller.Progress with { End = PollEnd.Stopped };
            if (!poller.Progress.IsEmpty || poller.IsWaitingForBytes)
                return poller.Progress with { End = PollEnd.Deadline };
            await CountFailureAsync(poller);
            return new PollResult(PollEnd.Failed, Error: $"Nothing could be read within Polling:Deadline, {options.Value.Deadline}.");
        }
        catch (Exception e) when (RedisOutage.Is(e))
        {
            return poller.Progress with { End = PollEnd.RedisAway, Error = RedisErrors.IsReplaced(e) ? null : BriefError.Of(e) };
        }
        catch (Exception e)
        {
            // Whatever one mailbox does stays with that mailbox.
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
            // The next poll says so.
        }
    }
}
