using EmailIngestion.Health;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Registry;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>The loops of this process's consumer: one per partition served, and beside each the upkeep of its leases and its name.</summary>
internal sealed class ConsumerService(
    StreamPartitions partitions,
    StreamGuard guard,
    ConsumerName name,
    DeliveryExecutor executor,
    Circuit circuit,
    ExclusiveRuns isolation,
    IngestionMetrics metrics,
    IOptions<ConsumerOptions> options,
    IOptions<ProcessingOptions> processing,
    ResiliencePipelineProvider<string> pipelines,
    Heartbeats heartbeats,
    ProcessExit exit,
    TimeProvider time,
    ILogger<ConsumerService> logger) : BackgroundService
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan NoSuccess = TimeSpan.FromMinutes(10);

    private readonly ByteBudget _budget = new(options.Value.MaxBytesInFlight);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        using var reserve = new ThreadReserve((options.Value.Concurrency * partitions.Served.Count) + processing.Value.MaxAbandoned);
        reserve.Start();
        await Task.WhenAll(partitions.Served.Select(partition => ServeAsync(partition, stoppingToken)));
    }

    public override void Dispose()
    {
        _budget.Dispose();
        base.Dispose();
    }

    private async Task ServeAsync(StreamPartition partition, CancellationToken stop)
    {
        var group = partition.Join(name.Value, options.Value.Lease, name.Process, _budget);
        await using var consumer = new PartitionConsumer(
            group, new Settler(group, pipelines, time), partition, options.Value, executor, circuit, isolation, metrics, guard, time, logger);
        var upkeep = new ConsumerMaintenance(consumer, options.Value, exit, time, logger);
        try
        {
            if (!await JoinAsync(consumer, partition, upkeep, stop))
                return;
            using var ended = new CancellationTokenSource();
            var keeping = upkeep.RunAsync(ended.Token);
            var loop = $"consumer {partition.Keys.Stream}";
            var watch = new ProgressWatch(consumer, partition.Inspector, circuit, heartbeats, loop, LongestWithoutSuccess(), time);
            var watching = watch.RunAsync(stop);
            await LoopAsync(consumer, loop, watch, stop);
            if (consumer.Name.IsTaken)
                exit.Fail(consumer.Name.Taken);
            await watching;
            heartbeats.End(loop);
            await consumer.StopAsync();
            await ended.CancelAsync();
            await keeping;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped before it had begun.
        }
        catch (StreamRefusedException e)
        {
            exit.Fail(e.Message);
        }
    }

    // Ten minutes, or what one delivery may take.
    private TimeSpan LongestWithoutSuccess()
    {
        var delivery = (processing.Value.AttemptTimeout * (processing.Value.Retries + 1)) + TimeSpan.FromMinutes(1);
        return delivery > NoSuccess ? delivery : NoSuccess;
    }

    private async Task<bool> JoinAsync(PartitionConsumer consumer, StreamPartition partition, ConsumerMaintenance upkeep, CancellationToken stop)
    {
        var failing = new FailureChange();
        while (true)
        {
            try
            {
                await guard.CheckServerAsync(stop);
                await guard.CheckRightsAsync(partition.Keys, StreamUse.Consume, stop);
                await guard.EnsureGroupAsync(partition.Keys, stop);
                await partition.Stream.Settled.BeginAsync(stop);
                if (await upkeep.TakeNameAsync(stop))
                {
                    Log.Started(logger, consumer.Group.Consumer, partition.Keys.Stream!);
                    return true;
                }

                Log.NameInUse(logger, name.Value);
                exit.Fail($"Consumer:Name '{name.Value}' is in use by another process.");
                return false;
            }
            catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
            {
                throw new StreamRefusedException($"Redis refuses what is needed: {RedisErrors.Text(e)}.");
            }
            catch (Exception e) when (e is not StreamRefusedException && !stop.IsCancellationRequested)
            {
                // Redis away, or anything else: a service that threw would leave a host that consumes nothing.
                if (failing.Note(e))
                    RedisErrorLog.Report(logger, e);
                await Task.Delay(Pause, time, stop);
            }
        }
    }

    // Only loops; the pass is a method of its own. It never ends by an exception: a host that loses its loop would go on without.
    private async Task LoopAsync(PartitionConsumer consumer, string beat, ProgressWatch watch, CancellationToken stop)
    {
        var failing = new FailureChange();
        while (!stop.IsCancellationRequested && !consumer.Name.IsTaken)
        {
            try
            {
                heartbeats.Beat(beat, Silence);
                await consumer.PassAsync(stop);
                heartbeats.Succeeded(beat);
                if (failing.IsFailing)
                    Log.ReadWorks(logger, consumer.Stream.Keys.Stream!);
                failing.Clear();
                watch.ReadFails = false;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Redis away, a failover, a reply nobody foresaw: the loop goes on whatever it is.
                if (!RedisErrors.IsReplaced(e) && failing.Note(e))
                    await ReportAsync(consumer, e, stop);
                watch.ReadFails = true;
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Only what is Redis's is told as that.
    private async Task ReportAsync(PartitionConsumer consumer, Exception error, CancellationToken stop)
    {
        if (RedisErrors.IsRedis(error) || error is RedisRefusedException)
            Log.ReadFailed(logger, consumer.Stream.Keys.Stream!, await DescribeAsync(consumer, error, stop));
        else
            Log.ReadBroken(logger, consumer.Stream.Keys.Stream!, error);
    }

    // Redis does not name the key that it refuses.
    private async Task<string> DescribeAsync(PartitionConsumer consumer, Exception error, CancellationToken stop)
    {
        if (RedisErrors.KindOf(error) != RedisFailure.Refused)
            return BriefError.Of(error);
        try
        {
            return await guard.FindFaultAsync(consumer.Stream.Keys, StreamUse.Consume, stop) ?? RedisErrors.Text(error);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is OperationCanceledException)
        {
            return RedisErrors.Text(error);
        }
    }
}
