namespace EmailIngestion.Redis;

/// <summary>The kind of a command's error, by what helps against it.</summary>
internal enum RedisFailure
{
    /// <summary>It is no Redis error: a fault of this program, or a cancellation.</summary>
    NotRedis,

    /// <summary>It passes by itself: Redis is away, fails over, loads, or lacks replicas. Retry.</summary>
    Passing,

    /// <summary>The memory is full. It passes when the consumers have caught up.</summary>
    Full,

    /// <summary>The stream or its group is missing. Create it.</summary>
    GroupMissing,

    /// <summary>Redis refuses for good: a right, a key's type, a command, or a script. A person must change something.</summary>
    Refused,
}
