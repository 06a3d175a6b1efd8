using StackExchange.Redis;

namespace EmailIngestion.Hostile.Entries;

/// <param name="What">What is wrong with it, in a few words.</param>
/// <param name="Fields">What a stranger adds to the stream.</param>
internal sealed record ForgedEntry(string What, NameValueEntry[] Fields)
{
    /// <summary>The entry's id; null: Redis chooses it.</summary>
    public string? Id { get; init; }
}
