namespace EmailIngestion.Mailboxes.Settings;

/// <summary>One reading of the file of mailboxes.</summary>
/// <param name="Digest">The digest of what it says, or of its fault.</param>
/// <param name="Mailboxes">Its mailboxes; null if it has a fault.</param>
/// <param name="Fault">What is wrong, as a sentence that names the file; null if it can be read.</param>
internal sealed record MailboxesReading(string Digest, IReadOnlyList<MailboxOptions>? Mailboxes, string? Fault);
