namespace EmailIngestion.Streams;

/// <summary>One consumer of the group, as Redis reports it.</summary>
/// <param name="Name">The consumer's name.</param>
/// <param name="Pending">The deliveries that it has not settled.</param>
/// <param name="Idle">The time since its last command.</param>
public sealed record ConsumerSnapshot(string Name, long Pending, TimeSpan Idle)
{
    /// <summary>How long the oldest of its deliveries has been in the stream. Null without one, and beyond a hundred consumers.</summary>
    public TimeSpan? Oldest { get; init; }
}
