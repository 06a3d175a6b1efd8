using StackExchange.Redis;

namespace EmailIngestion.Streams.Jobs;

/// <summary>A change of a job that has not ended.</summary>
/// <param name="State">Its state from now on.</param>
internal sealed record JobChange(string State)
{
    /// <summary>Numbers that are added: name, number.</summary>
    public IReadOnlyList<(string Name, long Number)> Additions { get; init; } = [];

    /// <summary>Values that are set: name, value.</summary>
    public IReadOnlyList<(string Name, RedisValue Value)> Values { get; init; } = [];

    /// <summary>
    /// A hash with the value that the process relies on. Redis has another one after a failover, and nothing changes then. Null: none.
    /// </summary>
    public (RedisKey Hash, RedisValue Field, RedisValue Value)? Expected { get; init; }

    /// <summary>The entry that the audit gets; null for none.</summary>
    public AuditRecord? Audit { get; init; }
}
