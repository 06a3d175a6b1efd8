using EmailIngestion.Telemetry;

namespace EmailIngestion.Operations.Status;

/// <summary>The latencies of all processes of the partition in the last five minutes; null without an email.</summary>
/// <param name="QueueWait">From the append to the start of processing.</param>
/// <param name="Processing">The time in the processor, for each delivery.</param>
/// <param name="Processes">The most that have reported in one of these minutes; 0 without latencies.</param>
public sealed record PartitionLatency(LatencySummary? QueueWait, LatencySummary? Processing, int Processes);
