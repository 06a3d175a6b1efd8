using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>The Redis keys of one partition's bodies. <c>StreamKeys</c> names them.</summary>
/// <param name="BodyPrefix">The prefix of the keys of bodies; a body's name and <paramref name="Suffix"/> follow.</param>
/// <param name="Suffix">The end of each key of the partition.</param>
/// <param name="Scopes">hash: the scope of the partition's bodies in each store outside Redis.</param>
/// <param name="Referers">hash: for each body its size and what refers to it.</param>
/// <param name="Released">sorted set: the bodies outside Redis that nothing refers to any more, by the time in Unix ms.</param>
/// <param name="Report">hash: what the last orphan pass found.</param>
internal sealed record BodyKeys(
    string BodyPrefix, string Suffix, RedisKey Scopes, RedisKey Referers, RedisKey Released, RedisKey Report)
{
    /// <summary>string: one body in Redis.</summary>
    public RedisKey Body(string name) => BodyPrefix + name + Suffix;

    /// <summary>string: a body while it is written in pieces. It expires.</summary>
    public RedisKey Incoming(string nonce) => $"email_ingestion_body_incoming:{nonce}{Suffix}";

    /// <summary>
    /// string: a body that was written in pieces and whose entry is not appended yet. It expires. Scripts build this name in referers.lua.
    /// </summary>
    public RedisKey Staged(string name) => $"email_ingestion_body_staged:{name}{Suffix}";

    /// <summary>string: some process has begun periodic work, and no other does it until this key expires.</summary>
    public RedisKey Turn(string work) => $"email_ingestion_body_turn:{work}{Suffix}";
}
