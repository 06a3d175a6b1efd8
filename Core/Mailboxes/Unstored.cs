using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Why an email cannot be stored now. It ends the sending of a poll before that email.</summary>
/// <param name="End">How the poll ends.</param>
/// <param name="Why">The reason, for the status; null when the end says all.</param>
/// <param name="Item">
/// With <see cref="PollEnd.Stuck"/> the email that Redis refuses while it accepts others. It becomes a dead letter in the end.
/// </param>
internal sealed record Unstored(PollEnd End, string? Why = null, AppendItem? Item = null);
