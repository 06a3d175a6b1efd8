namespace EmailIngestion.Streams;

/// <summary>The position of a backfill, which is in the hash of the mailbox's cursor beside the cursor's own fields.</summary>
/// <param name="Job">The job.</param>
/// <param name="Epoch">The epoch in which it began. Its UIDs are of this epoch.</param>
/// <param name="UidValidity">The UIDVALIDITY of that epoch.</param>
/// <param name="Until">The last UID that it reads: the cursor when it began. What is above is for polls.</param>
/// <param name="Last">The last UID that it has appended; 0 before the first.</param>
/// <param name="Appended">How many emails it has appended to the stream.</param>
/// <param name="DeadLettered">How many dead letters it has added.</param>
internal sealed record BackfillPosition(
    string Job, int Epoch, uint UidValidity, uint Until, uint Last, long Appended, long DeadLettered)
{
    /// <summary>The position as a cursor to append by.</summary>
    /// <param name="live">The live cursor.</param>
    public MailboxCursor At(MailboxCursor live) => live with
    {
        Epoch = Epoch,
        UidValidity = UidValidity,
        Last = Last,
        MissingUid = null,
        Stops = 0,
        ForgottenBy = null,
        Backfill = Job,
    };
}
