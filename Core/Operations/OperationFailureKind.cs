namespace EmailIngestion.Operations;

/// <summary>What helps against a failed operation.</summary>
public enum OperationFailureKind
{
    /// <summary>It passes by itself: Redis is away, fails over, or nothing has polled or consumed yet. Ask again.</summary>
    Passing,

    /// <summary>Redis has no memory left. It passes when consumers have caught up.</summary>
    Full,

    /// <summary>Redis refuses it for good: somebody has to change a right, a key or a setting.</summary>
    Refused,
}
