using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>Creates the consumer of a partition, and what stops it.</summary>
internal sealed class PartitionConsumers(
    DeliveryExecutor executor,
    ExclusiveRuns exclusiveRuns,
    ResiliencePipelineProvider<string> pipelines,
    IngestionMetrics metrics,
    IOptions<ConsumerOptions> options,
    TimeProvider time,
    ILogger<PartitionConsumer> logger)
{
    /// <summary>Creates both. The consumer owns the membership.</summary>
    public (PartitionConsumer Consumer, ConsumerDrain Drain) Create(Membership member, DeadLetterStream deadLetters)
    {
        var source = new DeliverySource(member, metrics, options.Value, time, logger);
        var settler = new Settler(member.Group, deadLetters, options.Value, pipelines, time);
        var consumer = new PartitionConsumer(member, source, executor, settler, exclusiveRuns, options.Value, time);
        metrics.Concurrency(member.Stream.Keys.Partition, () => consumer.Concurrency);
        return (consumer, new ConsumerDrain(member, settler, source, consumer, options.Value, time, logger));
    }
}
