namespace EmailIngestion.Messages;

/// <summary>A recipient in a report of a failed or delayed delivery.</summary>
/// <param name="Address">The address (Final-Recipient, else Original-Recipient); null when it cannot be read.</param>
/// <param name="Action">
/// What happened, in lower case: <c>failed</c>, <c>delayed</c>, <c>delivered</c>, <c>relayed</c>, <c>expanded</c>.
/// </param>
/// <param name="Status">The enhanced status code (RFC 3463), such as <c>5.1.1</c>; null when there is none.</param>
/// <param name="Diagnostic">The server's words (Diagnostic-Code), at most 500 characters; null when there are none.</param>
public sealed record ParsedBounceRecipient(string? Address, string? Action, string? Status, string? Diagnostic);
