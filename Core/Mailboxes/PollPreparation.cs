using EmailIngestion.Health;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Prepares Redis for the first poll. The poller may run before any consumer, so it creates the group, from the beginning of the stream,
/// before it appends.
/// </summary>
internal sealed class PollPreparation(
    StreamPartitions partitions,
    StreamGuard guard,
    IOptions<PollingOptions> options,
    ProcessExit exit,
    PollReporter reporter,
    ILogger<PollService> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private bool _isDone;

    /// <summary>Prepares Redis and returns whether it succeeded. A permanent error ends the process.</summary>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_isDone)
                return true;
            await guard.CheckServerAsync(cancellationToken);
            foreach (var partition in partitions.Served)
            {
                await guard.CheckRightsAsync(partition.Keys, StreamUse.Poll, cancellationToken);
                await guard.EnsureGroupAsync(partition.Keys, cancellationToken);
                await partition.Stream.Settled.BeginAsync(cancellationToken);
            }

            await WarnOfLimitsAsync(cancellationToken);
            return _isDone = true;
        }
        catch (StreamRefusedException e)
        {
            exit.Fail(e.Message);
            return false;
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
        {
            exit.Fail($"Redis refuses what is needed: {RedisErrors.Text(e)}.");
            return false;
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            foreach (var partition in partitions.Served)
                reporter.ReportRedisError(partition.Name, e);
            return false;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task WarnOfLimitsAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in partitions.Served)
        {
            var limits = await partition.Stream.LimitsAsync(cancellationToken);
            var (limit, setting) = limits.Argument <= limits.Memory
                ? (limits.Argument, limits.Setting)
                : (limits.Memory, "maxmemory × Streams:MaxMemoryRatio");
            if (limit < options.Value.MaxMessageBytes)
                Streams.Log.LimitBelowMaxMessageBytes(logger, limit, setting, options.Value.MaxMessageBytes);
        }
    }
}
