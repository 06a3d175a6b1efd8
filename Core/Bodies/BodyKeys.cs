using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>The Redis keys of one partition's bodies. <c>StreamKeys</c> names them.</summary>
/// <param name="BodyPrefix">The prefix of the keys of bodies; a body's name and <paramref name="Suffix"/> follow.</param>
/// <param name="Suffix">The end of each key of the partition.</param>
/// <param name="Scopes">hash: the scope of the partition's bodies in each store outside Redis.</param>
/// <param name="Referers">hash: for each body its size and what refers to it.</param>
/// <param name="Released">sorted set: the bodies outside Redis that nothing refers to any more, by the time in Unix ms.</param>
internal sealed record BodyKeys(string BodyPrefix, string Suffix, RedisKey Scopes, RedisKey Referers, RedisKey Released)
{
    /// <summary>A pattern of the keys of all bodies.</summary>
    public string BodyPattern => $"{BodyPrefix}*{Suffix}";

    /// <summary>string: one body in Redis.</summary>
    public RedisKey Body(string name) => BodyPrefix + name + Suffix;

    /// <summary>The name of the body of a key; null when the key is another partition's.</summary>
    public string? NameOf(string key) =>
        key.StartsWith(BodyPrefix, StringComparison.Ordinal) && key.EndsWith(Suffix, StringComparison.Ordinal)
            && key[BodyPrefix.Length..^Suffix.Length] is var name && BodyName.IsValid(name)
            ? name
            : null;
}
