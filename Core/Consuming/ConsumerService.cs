using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>Runs the consumer of this process: it serves each of its partitions.</summary>
internal sealed class ConsumerService(
    StreamPartitions partitions, PartitionServer server, IOptions<ConsumerOptions> options, IOptions<ProcessingOptions> processing)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        using var reserve = new ThreadReserve((options.Value.Concurrency * partitions.Served.Count) + processing.Value.MaxAbandoned);
        reserve.Start();
        await Task.WhenAll(partitions.Served.Select(partition => server.ServeAsync(partition, stoppingToken)));
    }
}
