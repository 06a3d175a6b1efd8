using System.Collections.Concurrent;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>Joins the consumer groups under this process's name. The partitions of a process share its byte budget.</summary>
internal sealed class Memberships(ConsumerName name, IOptions<ConsumerOptions> options, TimeProvider time) : IDisposable
{
    private readonly ByteBudget _budget = new(options.Value.MaxBytesInFlight);

    private readonly ConcurrentDictionary<string, Membership> _joined = new(StringComparer.Ordinal);

    /// <summary>The membership in the group of a partition; null if this process consumes none of it.</summary>
    public Membership? Of(string partition) => _joined.GetValueOrDefault(partition);

    public Membership Join(StreamPartition partition)
    {
        var group = partition.Join(name.Value, options.Value.Lease, name.Process, _budget);
        return _joined[partition.Name] = new Membership(group, partition.Stream, partition.Control, options.Value.Lease, time);
    }

    public void Dispose() => _budget.Dispose();
}
