namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// An answer is not as <see cref="FetchReader"/> expects it. Where it ends is unknown, so the connection cannot be used any more.
/// </summary>
internal sealed class UnreadableAnswerException : Exception;
