namespace EmailIngestion.Streams;

/// <summary>What the beginning of a backfill has found.</summary>
internal enum BackfillBeginning
{
    /// <summary>The mailbox has no cursor yet.</summary>
    NoCursor = -1,

    /// <summary>The job has ended, or another process has it.</summary>
    NotOurs = 0,

    /// <summary>The mailbox has this backfill.</summary>
    Begun = 1,

    /// <summary>The folder has another UIDVALIDITY than when the job first began.</summary>
    Renumbered = 2,

    /// <summary>The mailbox has another epoch than when the job first began, with the same UIDVALIDITY.</summary>
    OtherEpoch = 3,
}
