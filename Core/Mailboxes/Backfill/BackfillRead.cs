namespace EmailIngestion.Mailboxes.Backfill;

/// <summary>How the reading of a few emails ended.</summary>
/// <param name="End"><see cref="PollEnd.Complete"/>: all of them are appended.</param>
/// <param name="Stuck">The email before which it stopped, because it cannot be fetched or stored; null for none.</param>
/// <param name="Why">Why it cannot be stored or downloaded; null if it cannot be fetched.</param>
internal sealed record BackfillRead(PollEnd End, uint? Stuck = null, string? Why = null)
{
    /// <summary>The last UID that Redis has confirmed; the position before if there is none.</summary>
    public uint Last { get; init; }
}
