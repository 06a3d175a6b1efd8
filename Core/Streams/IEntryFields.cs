using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The fields of one entry. Where an entry has a name twice, one of them counts.</summary>
internal interface IEntryFields
{
    /// <summary>Finds a field by its name. False when the entry does not have it. The value may end with the reply.</summary>
    bool TryFind(RedisValue name, out ReadOnlySpan<byte> value);

    /// <summary>Does the same for a value that outlives the reply.</summary>
    bool TryKeep(RedisValue name, out ReadOnlyMemory<byte> value);
}
