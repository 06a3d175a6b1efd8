namespace EmailIngestion.Streams;

/// <summary>One entry of the audit.</summary>
/// <param name="Id">Its ID in the audit stream.</param>
/// <param name="At">When the change was made, ISO 8601 UTC.</param>
/// <param name="Who">The name of the key that was used.</param>
/// <param name="Action">What was done.</param>
/// <param name="Target">What it concerns: a dead letter, a job, a mailbox.</param>
/// <param name="Filter">The filter or the parameters as JSON; null for none.</param>
/// <param name="Count">How many it changed.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record AuditEntry(
    string Id, string At, string Who, string Action, string Target, string? Filter, long Count, string Outcome);
