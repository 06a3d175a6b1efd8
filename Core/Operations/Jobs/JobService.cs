using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Operations.Jobs;

/// <summary>Looks for jobs in each partition that this process serves, one loop for each lane.</summary>
internal sealed class JobService(
    StreamPartitions partitions, JobRunner runner, JobSignal signal, TimeProvider time, ILogger<JobService> logger) : BackgroundService
{
    /// <summary>How often a process looks for jobs that another has created or left.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        from partition in partitions.Served
        from lane in runner.Lanes
        select LoopAsync(partition, lane, stoppingToken));

    private async Task LoopAsync(StreamPartition partition, string lane, CancellationToken stop)
    {
        var failing = new FailureChange();
        while (!stop.IsCancellationRequested)
        {
            var ran = false;
            try
            {
                ran = await runner.PassAsync(partition, lane, stop);
                failing.Clear();
            }
            catch (Exception e)
            {
                // Every exception is caught: jobs must not stop the process. A job that is interrupted stays open.
                // An outage of Redis is logged once for the process.
                if (!stop.IsCancellationRequested && !RedisErrors.IsReplaced(e) && !RedisErrors.IsPassing(e) && failing.Note(e))
                    Log.JobsWait(logger, partition.Name, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
            }

            if (!ran)
                await signal.WaitAsync(Interval, time, stop);
        }
    }
}
