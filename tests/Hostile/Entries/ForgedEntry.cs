using StackExchange.Redis;

namespace EmailIngestion.Hostile.Entries;

/// <param name="What">A short description of the fault.</param>
/// <param name="Fields">The fields of the entry.</param>
internal sealed record ForgedEntry(string What, NameValueEntry[] Fields)
{
    /// <summary>The entry ID; null: Redis chooses it.</summary>
    public string? Id { get; init; }
}
