namespace EmailIngestion.Operations;

/// <summary>Says what repairs a failed operation.</summary>
public enum OperationFailureKind
{
    /// <summary>Try again: Redis is unreachable or fails over, or no poll or consumer has run yet.</summary>
    Passing,

    /// <summary>Try again when the consumers have caught up: Redis has no memory left.</summary>
    Full,

    /// <summary>Change a right, a key or a setting: Redis refuses the operation.</summary>
    Refused,
}
