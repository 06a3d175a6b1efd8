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

/// <summary>Runs the consumer of this process: for each partition served a read loop, its maintenance and its progress watch.</summary>
internal sealed class ConsumerService(
    StreamPartitions partitions,
    StreamGuard guard,
    ConsumerName name,
    DeliveryExecutor executor,
    Circuits circuits,
    ExclusiveRuns exclusiveRuns,
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
        var member = new Membership(group, partition.Stream, options.Value.Lease, time);
        var source = new DeliverySource(member, metrics, options.Value, time, logger);
        var settler = new Settler(group, partition.DeadLetters, options.Value, pipelines, time);
        await using var consumer = new PartitionConsumer(member, source, executor, settler, exclusiveRuns, options.Value, time);
        var drain = new ConsumerDrain(member, settler, source, consumer, options.Value, time, logger);
        var maintenance = new ConsumerMaintenance(member, consumer, options.Value, exit, time, logger);
        try
        {
            if (!await RegisterAsync(group, partition, maintenance, stop))
                return;
            using var ended = new CancellationTokenSource();
            var maintaining = maintenance.RunAsync(ended.Token);
            var loop = $"consumer {partition.Keys.Stream}";
            var watch = new ProgressWatch(consumer, partition.Inspector, circuits, heartbeats, loop, LongestWithoutSuccess(), time);
            var watching = watch.RunAsync(stop);
            await LoopAsync(consumer, member, loop, watch, stop);
            if (member.Name.IsTaken)
                exit.Fail(member.Name.Taken);
            await watching;
            heartbeats.End(loop);
            await drain.RunAsync();
            await ended.CancelAsync();
            await maintaining;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The stop came before the consumer had its name.
        }
        catch (StreamRefusedException e)
        {
            exit.Fail(e.Message);
        }
    }

    // The larger of ten minutes and the longest time of one delivery.
    private TimeSpan LongestWithoutSuccess()
    {
        var delivery = (processing.Value.AttemptTimeout * (processing.Value.Retries + 1)) + TimeSpan.FromMinutes(1);
        return delivery > NoSuccess ? delivery : NoSuccess;
    }

    private async Task<bool> RegisterAsync(
        ConsumerGroup group, StreamPartition partition, ConsumerMaintenance maintenance, CancellationToken stop)
    {
        var failing = new FailureChange();
        while (true)
        {
            try
            {
                await guard.CheckServerAsync(partition.Keys, stop);
                await guard.CheckRightsAsync(partition.Keys, StreamUse.Consume, stop);
                await guard.EnsureGroupAsync(partition.Keys, stop);
                await partition.Stream.Settled.BeginAsync(stop);
                if (await maintenance.TakeNameAsync(stop))
                {
                    Log.Started(logger, group.Consumer, partition.Keys.Stream!);
                    return true;
                }

                Log.NameInUse(logger, name.Value);
                exit.Fail($"Consumer:Name '{name.Value}' is in use by another process.");
                return false;
            }
            catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
            {
                throw new StreamRefusedException($"Redis refused a command that the consumer needs: {RedisErrors.Text(e)}.");
            }
            catch (Exception e) when (e is not StreamRefusedException && !stop.IsCancellationRequested)
            {
                // Every exception is retried, not only those of Redis: if this service threw, the host would continue without a consumer.
                if (failing.Note(e))
                    RedisErrorLog.Report(logger, e);
                await Task.Delay(Pause, time, stop);
            }
        }
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
