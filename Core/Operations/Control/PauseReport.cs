namespace EmailIngestion.Operations.Control;

/// <summary>A pause that is in force.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Scope"><c>everything</c>, <c>consumers</c> or <c>mailbox</c>.</param>
/// <param name="Name">The mailbox; null for the other scopes.</param>
/// <param name="Since">Since when.</param>
/// <param name="Who">The name of the key.</param>
/// <param name="Reason">Why; null if nobody said it.</param>
public sealed record PauseReport(string Partition, string Scope, string? Name, DateTimeOffset Since, string Who, string? Reason);
