using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Consuming;

/// <summary>The membership of this process in the consumer group of one partition: its name and the leases of its deliveries.</summary>
internal sealed class Membership(ConsumerGroup group, EmailStream stream, PartitionControl control, TimeSpan lease, TimeProvider time)
    : IAsyncDisposable
{
    public ConsumerGroup Group => group;

    public EmailStream Stream => stream;

    /// <summary>What the partition obeys at run time.</summary>
    public PartitionControl Control => control;

    public NameClaim Name { get; } = new(group, time);

    public LeaseRenewer Leases { get; } = new(group, lease, time);

    public async ValueTask DisposeAsync()
    {
        await group.DisposeAsync();
        Leases.Dispose();
    }
}
