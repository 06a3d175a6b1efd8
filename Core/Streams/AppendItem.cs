using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// One email to append to the stream. When <see cref="Failure"/> is set, the email becomes a dead letter with the parts of it that exist.
/// </summary>
/// <param name="Message">The email. <see cref="EmailMessage.Raw"/> of a failed one has its headers or nothing.</param>
/// <param name="Digest">Identifies its content in the next epoch, after the server has renumbered the folder. Empty: nothing does.</param>
/// <param name="Failure">Why it cannot be appended. Null when it can.</param>
internal sealed record AppendItem(EmailMessage Message, byte[] Digest, FailureRecord? Failure = null);

/// <summary>The result of an append: the cursor's last UID, and what happened to the items up to it.</summary>
internal readonly record struct AppendResult(AppendStatus Status, uint Last, int Appended, int Duplicates, int DeadLettered)
{
    /// <summary>All items were appended; there were no duplicates and no dead letters.</summary>
    public static AppendResult Whole(IReadOnlyList<AppendItem> items) =>
        new(AppendStatus.Complete, items[^1].Message.Uid, items.Count, 0, 0);
}

internal enum AppendStatus
{
    /// <summary>All items were appended.</summary>
    Complete,

    /// <summary>The stream limit stopped the append at <see cref="AppendResult.Last"/>.</summary>
    Full,

    /// <summary>
    /// The cursor is not where the batch begins: another poll moved it, or the batch before this one was not appended whole.
    /// </summary>
    Moved,
}
