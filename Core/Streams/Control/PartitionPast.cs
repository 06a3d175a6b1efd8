using EmailIngestion.Telemetry;

namespace EmailIngestion.Streams.Control;

/// <summary>What all processes of a partition have done lately.</summary>
/// <param name="Minutes">The last hour, oldest minute first. The last one has not ended.</param>
/// <param name="QueueWait">From the append to the start of processing, in the last five minutes; null without an email.</param>
/// <param name="Processing">The time in the processor, in the last five minutes; null without an email.</param>
/// <param name="Processes">The most processes that have reported in one of these five minutes; 0 without latencies.</param>
internal sealed record PartitionPast(
    IReadOnlyList<HistoryMinute> Minutes, LatencySummary? QueueWait, LatencySummary? Processing, int Processes);
