using EmailIngestion.Bodies;
using EmailIngestion.Health;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Prepares each partition for its first poll. The poller may run before any consumer, so it creates the group, from the beginning of the
/// stream, before it appends. A partition whose server is away is tried again at the next poll and does not stop other partitions.
/// </summary>
internal sealed class PollPreparation(
    StreamPartitions partitions, StreamGuard guard, IOptions<PollingOptions> options, ProcessExit exit, PollReporter reporter,
    ILogger<PollService> logger)
{
    private readonly Dictionary<string, Task<bool>> _runs = new(StringComparer.Ordinal);

    /// <summary>
    /// Prepares the partition of a stream once, and returns whether it is prepared. Polls at the same time share one run. A permanent error
    /// ends the process.
    /// </summary>
    public Task<bool> PrepareAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var partition = stream.Keys.Partition;
        lock (_runs)
        {
            if (!_runs.TryGetValue(partition, out var run) || run is { IsCompletedSuccessfully: true, Result: false })
                _runs[partition] = run = Task.Run(() => RunAsync(stream, cancellationToken), CancellationToken.None);
            return run;
        }
    }

    private async Task<bool> RunAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await guard.CheckServerAsync(stream.Keys, cancellationToken);
            var use = stream.Bodies.Stores.Current.Kind == BodyStoreKind.Redis ? StreamUse.PollIntoRedis : StreamUse.Poll;
            await guard.CheckRightsAsync(stream.Keys, use, cancellationToken);
            await guard.EnsureGroupAsync(stream.Keys, cancellationToken);
            await stream.Settled.BeginAsync(cancellationToken);
            // A process that starts while a mailbox is paused does not poll it.
            await partitions.Get(stream.Keys.Partition).Control.ReadAsync(cancellationToken);
            await WarnOfLimitAsync(stream, cancellationToken);
            return true;
        }
        catch (StreamRefusedException e)
        {
            exit.Fail(e.Message);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            exit.Fail($"Redis refuses what is needed: {RedisErrors.Text(e)}.");
        }
        catch (Exception e)
        {
            // Whatever failed is reported here, and the next poll tries again.
            if (!cancellationToken.IsCancellationRequested)
                reporter.ReportRedisError(stream.Keys.Partition, e);
        }

        return false;
    }

    private async Task WarnOfLimitAsync(EmailStream stream, CancellationToken cancellationToken)
    {
        var limits = await stream.LimitsAsync(cancellationToken);
        var (limit, setting) = limits.Argument <= limits.Memory
            ? (limits.Argument, limits.Setting)
            : (limits.Memory, "maxmemory × Streams:MaxMemoryRatio");
        if (limit < options.Value.MaxMessageBytes)
            Streams.Log.LimitBelowMaxMessageBytes(logger, limit, setting, options.Value.MaxMessageBytes);
    }
}
