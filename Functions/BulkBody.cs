namespace EmailIngestion.Functions;

/// <param name="Filter">The dead letters; all if it is left out.</param>
/// <param name="DryRun">True: only count, and answer the token.</param>
/// <param name="Token">The token of a dry run, which starts the job.</param>
internal sealed record BulkBody(FilterBody? Filter, bool? DryRun, string? Token);
