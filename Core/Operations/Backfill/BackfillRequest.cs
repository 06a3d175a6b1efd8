namespace EmailIngestion.Operations.Backfill;

/// <summary>Which emails a backfill reads. The days are those of the mail server's dates (INTERNALDATE).</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The last day; null for no limit.</param>
public sealed record BackfillRequest(string Mailbox, DateOnly From, DateOnly? To);
