using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Streams.Control;

/// <summary>Reads once a second what the partitions of this process obey at run time, and reports changes.</summary>
internal sealed class ControlWatch(StreamPartitions partitions, IngestionMetrics metrics, TimeProvider time, ILogger<ControlWatch> logger)
    : BackgroundService
{
    // A change is obeyed within two seconds.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ControlState> _reported = new(StringComparer.Ordinal);
    private readonly FailureChanges _failing = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await PassAsync(stoppingToken);
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal Task PassAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(partitions.Served.Select(partition => ReadAsync(partition, cancellationToken)));

    private async Task ReadAsync(StreamPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var state = await partition.Control.ReadAsync(cancellationToken);
            _failing.Clear(partition.Name);
            Report(partition, state);
        }
        catch (Exception e)
        {
            // The last known state holds. The monitor of the streams reports an outage.
            if (!cancellationToken.IsCancellationRequested && !RedisErrors.IsPassing(e) && _failing.Note(partition.Name, e))
                RedisErrorLog.Report(logger, e);
        }
    }

    private void Report(StreamPartition partition, ControlState state)
    {
        lock (_reported)
        {
            var before = _reported.GetValueOrDefault(partition.Name, ControlState.Initial);
            _reported[partition.Name] = state;
            var stream = partition.Keys.Stream.ToString();
            metrics.Paused(partition.Name, "everything", state.Everything is not null);
            metrics.Paused(partition.Name, "consumers", state.Consumers is not null);
            Report(stream, "everything", before.Everything, state.Everything);
            Report(stream, "the consumers", before.Consumers, state.Consumers);
            foreach (var mailbox in before.Mailboxes.Keys.Union(state.Mailboxes.Keys, StringComparer.Ordinal))
                Report(stream, mailbox, before.Mailboxes.GetValueOrDefault(mailbox), state.Mailboxes.GetValueOrDefault(mailbox));
            if (state.Concurrency is { } concurrency && concurrency != before.Concurrency)
                Log.ConcurrencySet(logger, concurrency.Who, stream, concurrency.Value);
            else if (state.Concurrency is null && before.Concurrency is not null)
                Log.ConcurrencyReset(logger, stream);
        }
    }

    private void Report(string stream, string target, ControlMark? before, ControlMark? now)
    {
        if (now is not null && now != before)
            Log.Paused(logger, now.Who, BoundedText.Line(target), stream, now.Since, BoundedText.Line(now.Reason ?? "no reason given"));
        else if (now is null && before is not null)
            Log.Resumed(logger, BoundedText.Line(target), stream);
    }
}
