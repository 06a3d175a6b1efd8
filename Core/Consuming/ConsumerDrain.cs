using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Consuming;

/// <summary>Stops the consumer of one partition: waits for running deliveries, releases the rest, unregisters the consumer.</summary>
internal sealed class ConsumerDrain(
    Membership member,
    Settler settler,
    DeliverySource source,
    PartitionConsumer consumer,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger)
{
    // How often to check whether running deliveries have ended.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Waits the grace time for running deliveries, cancels the rest and releases it. Released deliveries are not counted.
    /// </summary>
    public async Task RunAsync()
    {
        var finished = consumer.Finished;
        await UntilEndedAsync(options.ShutdownGrace);
        member.Leases.Abandon();
        settler.GiveUp();
        // The executor releases cancelled work, which takes a moment. With a short grace time this wait is short too.
        await UntilEndedAsync(TimeSpan.FromSeconds(Math.Clamp(options.ShutdownGrace.TotalSeconds / 4, 1, 5)));

        var stream = member.Group.Keys.Stream.ToString();
        var released = 0;
        var rest = member.Leases.Running.Where(lease => !lease.IsLost).Select(lease => lease.Delivery).ToList();
        try
        {
            released = await source.ReleaseLostAsync(CancellationToken.None) + rest.Count;
            await settler.ReleaseAsync(rest);
            await member.Group.UnregisterAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            // A stop does not fail: deliveries that were not released are reclaimed when their leases expire.
            Log.ReleaseFailed(logger, stream, BriefError.Of(e), RedisErrors.IsRedis(e) ? null : e);
        }

        Log.Stopped(logger, member.Group.Consumer, stream, consumer.Finished - finished, released);
    }

    private async Task UntilEndedAsync(TimeSpan timeout)
    {
        var started = time.GetTimestamp();
        while (member.Leases.Count > consumer.Received && time.GetElapsedTime(started) < timeout)
            await Task.Delay(PollInterval, time);
    }
}
