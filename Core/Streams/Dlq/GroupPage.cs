namespace EmailIngestion.Streams.Dlq;

/// <param name="Groups">The page, the largest group first.</param>
/// <param name="Total">How many groups there are, of all mailboxes.</param>
/// <param name="Whole">False: the index does not have every dead letter yet, so groups are missing or their counts too small.</param>
/// <param name="After">Where the next page begins; null on the last page.</param>
public sealed record GroupPage(IReadOnlyList<DeadLetterGroup> Groups, long Total, bool Whole, string? After);
