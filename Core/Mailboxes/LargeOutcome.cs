using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>The outcome of the append of a large email.</summary>
/// <param name="Item">The item sent: the email, or its dead letter if it is beyond a limit of Redis.</param>
/// <param name="Result">The result; null when nothing was appended.</param>
/// <param name="Refused">Why Redis refuses this email. Null together with a null <paramref name="Result"/>: Redis is out of memory.</param>
internal sealed record LargeOutcome(AppendItem Item, AppendResult? Result, string? Refused);
