using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <param name="Item">What was sent: the email, or the dead letter of one that Redis says it does not take.</param>
/// <param name="Result">What came of it; null: it was not appended.</param>
/// <param name="Refused">Why Redis does not take this email; null with a null <paramref name="Result"/>: the memory is full.</param>
internal sealed record LargeOutcome(AppendItem Item, AppendResult? Result, string? Refused);
