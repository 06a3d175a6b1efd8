using EmailIngestion.Health;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Consuming;

/// <summary>Checks a partition's server, acquires the consumer's name and registers the consumer with the group.</summary>
internal sealed class ConsumerRegistration(
    StreamGuard guard, IOptions<ConsumerOptions> options, ProcessExit exit, TimeProvider time, ILogger<ConsumerRegistration> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Registers the consumer. Repeats until Redis allows it.</summary>
    /// <returns>The maintenance of the consumer; null when another process has the name. The process then ends.</returns>
    /// <exception cref="StreamRefusedException">The server or the user's rights do not suit this consumer.</exception>
    public async Task<ConsumerMaintenance?> RegisterAsync(
        StreamPartition partition, Membership member, PartitionConsumer consumer, CancellationToken stop)
    {
        var maintenance = new ConsumerMaintenance(member, consumer, options.Value, exit, time, logger);
        var failing = new FailureChange();
        while (true)
        {
            try
            {
                await guard.CheckServerAsync(partition.Keys, stop);
                await guard.CheckRightsAsync(partition.Keys, StreamUse.Consume, stop);
                await guard.EnsureGroupAsync(partition.Keys, stop);
                await partition.Stream.Settled.BeginAsync(stop);
                // A consumer that starts while it is paused reads nothing.
                await partition.Control.ReadAsync(stop);
                if (await maintenance.TakeNameAsync(stop))
                {
                    Log.Started(logger, member.Group.Consumer, partition.Keys.Stream!);
                    return maintenance;
                }

                Log.NameInUse(logger, member.Group.Name);
                exit.Fail($"Consumer:Name '{member.Group.Name}' is in use by another process.");
                return null;
            }
            catch (RedisServerException e) when (RedisErrors.KindOf(e) == RedisFailure.Refused)
            {
                throw new StreamRefusedException($"Redis refused a command that the consumer needs: {RedisErrors.Text(e)}.");
            }
            catch (Exception e) when (e is not StreamRefusedException && !stop.IsCancellationRequested)
            {
                // Every exception is retried, not only those of Redis: if the service threw, the host would continue without a consumer.
                if (failing.Note(e))
                    RedisErrorLog.Report(logger, e);
                await Task.Delay(Pause, time, stop);
            }
        }
    }
}
