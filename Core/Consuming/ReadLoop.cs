using EmailIngestion.Health;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>Runs passes of a partition's consumer until it stops or has lost its name, and reports its health.</summary>
internal sealed class ReadLoop(
    StreamGuard guard,
    Circuits circuits,
    Heartbeats heartbeats,
    IOptions<ProcessingOptions> processing,
    TimeProvider time,
    ILogger<ReadLoop> logger)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan NoSuccess = TimeSpan.FromMinutes(10);

    /// <summary>The name of a partition's loop in the process's health.</summary>
    public static string NameOf(StreamPartition partition) => $"consumer {partition.Keys.Stream}";

    public async Task RunAsync(StreamPartition partition, Membership member, PartitionConsumer consumer, CancellationToken stop)
    {
        var loop = NameOf(partition);
        var watch = new ProgressWatch(consumer, partition.Inspector, circuits, heartbeats, loop, LongestWithoutSuccess(), time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = watch.RunAsync(ended.Token);
        await LoopAsync(consumer, member, loop, watch, stop);
        await ended.CancelAsync();
        await watching;
        heartbeats.Remove(loop);
    }

    // The larger of ten minutes and the longest time of one delivery.
    private TimeSpan LongestWithoutSuccess()
    {
        var delivery = (processing.Value.AttemptTimeout * (processing.Value.Retries + 1)) + TimeSpan.FromMinutes(1);
        return delivery > NoSuccess ? delivery : NoSuccess;
    }

    // Never ends with an exception: the host would continue without its read loop.
    private async Task LoopAsync(PartitionConsumer consumer, Membership member, string loop, ProgressWatch watch, CancellationToken stop)
    {
        var failing = new FailureChange();
        while (!stop.IsCancellationRequested && !member.Name.IsTaken)
        {
            try
            {
                heartbeats.Beat(loop, Silence);
                await consumer.PassAsync(stop);
                heartbeats.Succeeded(loop);
                if (failing.IsFailing)
                    Log.ReadWorks(logger, member.Stream.Keys.Stream!);
                failing.Clear();
                watch.ReadFails = false;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // An unreachable Redis, a failover, an unexpected reply: the loop continues after every exception.
                if (!RedisErrors.IsReplaced(e) && failing.Note(e))
                    await ReportAsync(member, e, stop);
                watch.ReadFails = true;
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Reports an error of Redis as one of Redis, and any other error as a fault of this program.
    private async Task ReportAsync(Membership member, Exception error, CancellationToken stop)
    {
        if (RedisErrors.IsRedis(error) || error is RedisRefusedException)
            Log.ReadFailed(logger, member.Stream.Keys.Stream!, await DescribeAsync(member, error, stop));
        else
            Log.ReadBroken(logger, member.Stream.Keys.Stream!, error);
    }

    // Redis does not name the key that it refuses, so the guard finds it.
    private async Task<string> DescribeAsync(Membership member, Exception error, CancellationToken stop)
    {
        if (RedisErrors.KindOf(error) != RedisFailure.Refused)
            return BriefError.Of(error);
        try
        {
            return await guard.FindFaultAsync(member.Stream.Keys, StreamUse.Consume, stop) ?? RedisErrors.Text(error);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException)
        {
            return RedisErrors.Text(error);
        }
    }
}
