using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>The objects that settle the deliveries of one partition.</summary>
internal sealed record PartitionContext(string Partition, ConsumerGroup Group, Settler Settler, DeadLetterStream DeadLetters);
