using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// One email on its way into the stream, or, when <see cref="Failure"/> is set, straight into the dead letters with what there is of it.
/// </summary>
/// <param name="Message">The email; of a failed one, its headers or nothing as <see cref="EmailMessage.Raw"/>.</param>
/// <param name="Digest">What its content is recognised by after the server has numbered the folder anew; empty: by nothing.</param>
/// <param name="Failure">Why it cannot be appended; null when it can.</param>
internal sealed record AppendItem(EmailMessage Message, byte[] Digest, FailureRecord? Failure = null);

/// <summary>What came of an append: how far the cursor is, and what happened to the items up to there.</summary>
internal readonly record struct AppendResult(AppendStatus Status, uint Last, int Appended, int Duplicates, int Dead)
{
    /// <summary>All of them are appended, and nothing else was the case.</summary>
    public static AppendResult Whole(IReadOnlyList<AppendItem> items) => new(AppendStatus.Complete, items[^1].Message.Uid, items.Count, 0, 0);
}

internal enum AppendStatus
{
    /// <summary>All of it is in.</summary>
    Complete,

    /// <summary>The stream limit stopped it at <see cref="AppendResult.Last"/>.</summary>
    Full,

    /// <summary>The cursor is not where the batch begins: another poll moved it, or a batch before this one was cut short.</summary>
    Moved,
}
