using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;

namespace EmailIngestion.Operations.Backfill;

/// <summary>Why the position of a backfill says nothing any more: its UIDs may be those of other emails.</summary>
internal static class BackfillFailures
{
    /// <summary>The folder has another UIDVALIDITY, or its UIDs have begun again.</summary>
    public static JobFailedException Renumbered => new(
        "The server has renumbered the folder since the backfill began, so its UIDs are those of other emails. Start a new backfill.");

    /// <summary>The mailbox has no cursor, or another epoch with the same UIDVALIDITY, which does not tell the cause.</summary>
    public static JobFailedException OtherEpoch => new(
        "The polls have started the mailbox again since the backfill began, because Redis lost its cursor or the folder was renumbered. "
        + "Start a new backfill.");

    /// <summary>Whether the job's backfill has begun.</summary>
    /// <exception cref="JobFailedException">Its numbering is not that of the cursor.</exception>
    public static bool HasBegun(BackfillBeginning beginning) => beginning switch
    {
        BackfillBeginning.Renumbered => throw Renumbered,
        BackfillBeginning.OtherEpoch => throw OtherEpoch,
        _ => beginning == BackfillBeginning.Begun,
    };
}
