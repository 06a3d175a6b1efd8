using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>
/// This process cannot sign in to Redis by its identity: there is no token, or Redis does not accept it. It passes when the identity is set
/// up. The message says what to do, and has no token.
/// </summary>
internal sealed class RedisSignInException(string message) : RedisException(message);
