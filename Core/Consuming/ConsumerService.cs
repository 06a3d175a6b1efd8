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
        using var reserve = new ThreadReserve(Most);
        reserve.Start();
        await Task.WhenAll(partitions.Served.Select(partition => server.ServeAsync(partition, stoppingToken)));
    }

    // The concurrency may change at run time.
    private int Most() => processing.Value.MaxAbandoned
        + partitions.Served.Sum(partition => partition.Control.Current.Concurrency?.Value ?? options.Value.Concurrency);
}
