using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// A body in Redis was deleted before the append, or has another length than its email. TRYAGAIN: the first passes by a repeat.
/// </summary>
internal sealed class BodilessException(string stream)
    : RedisException($"TRYAGAIN a body in Redis was deleted before {stream} had its entry, or is not whole");
