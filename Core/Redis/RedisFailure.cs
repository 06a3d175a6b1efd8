namespace EmailIngestion.Redis;

/// <summary>What kind of error a command ended with, by what helps against it.</summary>
internal enum RedisFailure
{
    /// <summary>It is not Redis's: our own fault, or a cancellation.</summary>
    NotRedis,

    /// <summary>It passes by itself: Redis is away, fails over, loads, or lacks replicas. Repeat.</summary>
    Passing,

    /// <summary>The memory is full. It passes when consumers have caught up.</summary>
    Full,

    /// <summary>The stream or its group is missing. Create it.</summary>
    GroupMissing,

    /// <summary>Refused for good: a right, a type, a command, or our script. Somebody has to change something.</summary>
    Refused,
}
