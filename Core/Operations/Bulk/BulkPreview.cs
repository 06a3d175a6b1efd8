namespace EmailIngestion.Operations.Bulk;

/// <summary>What an action would change.</summary>
/// <param name="Count">How many dead letters it would replay or delete.</param>
/// <param name="Until">The last dead letter that counts; null when there are none. Later ones are not concerned.</param>
/// <param name="Token">Confirms the action, once.</param>
/// <param name="Expires">Until when the token is good.</param>
/// <param name="MaxReplays">The limit of <c>Operations:MaxReplays</c>; null for a purge.</param>
/// <param name="Skipped">How many a replay would skip, because they were replayed that often already.</param>
/// <param name="Whole">False: there may be more after <paramref name="Until"/>, which this action leaves.</param>
public sealed record BulkPreview(
    long Count, string? Until, string Token, DateTimeOffset Expires, int? MaxReplays, long Skipped, bool Whole);
