using System.Collections.Concurrent;

namespace EmailIngestion.Telemetry;

/// <summary>What this process has done lately, by partition.</summary>
internal sealed class Activities
{
    private readonly ConcurrentDictionary<string, PartitionActivity> _partitions = new(StringComparer.Ordinal);

    public PartitionActivity Of(string partition) => _partitions.GetOrAdd(partition, static _ => new PartitionActivity());
}
