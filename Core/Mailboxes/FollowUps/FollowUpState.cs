namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What this process knows of a mailbox's follow-ups between polls.</summary>
internal sealed class FollowUpState
{
    /// <summary>Whether the notes of a mailbox that asks for none are removed.</summary>
    public bool IsDiscarded { get; set; }

    /// <summary>The passes in a row that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Until when nothing is tried after failures.</summary>
    public DateTimeOffset PausedUntil { get; set; }
}
