using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>A step of an append that was sent.</summary>
/// <param name="Follows">The UID that the step follows.</param>
/// <param name="Items">The emails.</param>
/// <param name="Sent">The append; it returns null when the step must be repeated.</param>
/// <param name="Appended">Called when the batch is appended whose last step this is; null for another step.</param>
internal sealed record AppendStep(uint Follows, List<AppendItem> Items, Task<AppendResult?> Sent, Action? Appended);
