using System.Text.Json;

namespace EmailIngestion.Functions;

/// <param name="Mailbox">The mailbox.</param>
internal sealed record MailboxBody(string? Mailbox);

/// <param name="Mailbox">The mailbox.</param>
/// <param name="Uid">The UID, 1 to 4,294,967,295.</param>
internal sealed record ForgetBody(string? Mailbox, JsonElement Uid);

/// <param name="Mailbox">The mailbox.</param>
/// <param name="From">The first day, yyyy-MM-dd.</param>
/// <param name="To">The last day, yyyy-MM-dd; null for no limit.</param>
internal sealed record BackfillBody(string? Mailbox, string? From, string? To);

/// <param name="Mailbox">The mailbox.</param>
/// <param name="Note">Why the poll waits; null if it does not.</param>
internal sealed record MailboxAccepted(string Mailbox, string? Note);

/// <param name="Mailbox">The mailbox.</param>
/// <param name="Uid">The UID.</param>
/// <param name="Forgotten">Whether the next poll passes over it. False: the last poll did not stop before it.</param>
internal sealed record ForgetReport(string Mailbox, uint Uid, bool Forgotten);
