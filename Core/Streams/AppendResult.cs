namespace EmailIngestion.Streams;

/// <summary>The result of an append: the cursor's last UID, and what happened to the items up to it.</summary>
internal readonly record struct AppendResult(AppendStatus Status, uint Last, int Appended, int Duplicates, int DeadLettered)
{
    /// <summary>All items were appended; there were no duplicates and no dead letters.</summary>
    public static AppendResult Whole(IReadOnlyList<AppendItem> items) =>
        new(AppendStatus.Complete, items[^1].Message.Uid, items.Count, 0, 0);
}
