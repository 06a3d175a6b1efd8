namespace EmailIngestion.Streams;

/// <summary>A change that a person makes, for the audit.</summary>
/// <param name="Who">The name of the key.</param>
/// <param name="Action">What the person does, such as <c>bulk-replay</c>.</param>
/// <param name="Target">What it concerns, such as a job's ID or a mailbox; empty for all.</param>
/// <param name="Filter">The filter or the parameters as JSON; null for none.</param>
/// <param name="Count">How many it changes.</param>
/// <param name="Outcome">How it ended, in a word or a sentence.</param>
public sealed record AuditRecord(string Who, string Action, string Target, string? Filter, long Count, string Outcome);
