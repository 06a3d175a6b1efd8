namespace EmailIngestion.Streams;

/// <summary>What a process does with a partition.</summary>
internal enum StreamUse
{
    /// <summary>It polls mailboxes and appends.</summary>
    Poll,

    /// <summary>It polls mailboxes and appends, and writes large bodies to Redis.</summary>
    PollIntoRedis,

    /// <summary>It consumes entries.</summary>
    Consume,
}
