namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What one poll has done to emails whose outcome is settled.</summary>
/// <param name="Done">Emails that the server has confirmed.</param>
/// <param name="Stale">Notes of an earlier numbering of the folder, which were dropped.</param>
/// <param name="Unmade">Notes that were not made since the last poll, because too many waited.</param>
/// <param name="Error">Why some were not carried out; null when none failed.</param>
internal sealed record FollowUpResult(int Done = 0, int Stale = 0, long Unmade = 0, string? Error = null)
{
    /// <summary>Whether deleted emails keep the flag <c>\Deleted</c>, because the server cannot remove only them.</summary>
    public bool IsLeftDeleted { get; init; }

    /// <summary>Whether the pass waited after failures and tried nothing.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Adds an earlier part of the same poll.</summary>
    public FollowUpResult After(FollowUpResult? earlier) => earlier is null ? this : this with
    {
        Done = Done + earlier.Done,
        Stale = Stale + earlier.Stale,
        Unmade = Unmade + earlier.Unmade,
        Error = Error ?? earlier.Error,
        IsLeftDeleted = IsLeftDeleted || earlier.IsLeftDeleted,
    };
}
