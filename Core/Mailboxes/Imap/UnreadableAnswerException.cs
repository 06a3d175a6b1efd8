namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// An answer is not as <see cref="FetchReader"/> expects it. Where it ends is unknown, so the connection cannot be used any more.
/// </summary>
/// <param name="answer">What it says about further requests.</param>
internal sealed class UnreadableAnswerException(FetchAnswer answer = FetchAnswer.Unreadable) : Exception
{
    public FetchAnswer Answer => answer;
}
