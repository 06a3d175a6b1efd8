using EmailIngestion.Telemetry;

namespace EmailIngestion.Operations.Status;

/// <summary>The latencies of this process in the last five minutes; null without an email.</summary>
/// <param name="QueueWait">From the append to the start of processing.</param>
/// <param name="Processing">The time in the processor, for each delivery.</param>
public sealed record PartitionLatency(LatencySummary? QueueWait, LatencySummary? Processing);
