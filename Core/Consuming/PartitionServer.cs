using EmailIngestion.Health;
using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>Serves one partition from the registration of its consumer to its end: reads, maintains, stops.</summary>
internal sealed class PartitionServer(
    Memberships memberships, PartitionConsumers consumers, ConsumerRegistration registration, ReadLoop loop, ProcessExit exit)
{
    public async Task ServeAsync(StreamPartition partition, CancellationToken stop)
    {
        var member = memberships.Join(partition);
        var (consumer, drain) = consumers.Create(member, partition.DeadLetters);
        await using var owned = consumer;
        try
        {
            if (await registration.RegisterAsync(partition, member, consumer, stop) is not { } maintenance)
                return;
            using var ended = new CancellationTokenSource();
            var maintaining = maintenance.RunAsync(ended.Token);
            await loop.RunAsync(partition, member, consumer, stop);
            if (member.Name.IsTaken)
                exit.Fail(member.Name.Taken);
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
}
