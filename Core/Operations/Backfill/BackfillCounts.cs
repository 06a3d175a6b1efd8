using System.Globalization;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Backfill;

/// <summary>
/// What a backfill's job has counted. The appends count what they do in the mailbox's hash, in the same step, so that a job which is
/// carried on after a crash counts what the crash left uncounted.
/// </summary>
internal sealed class BackfillCounts(Job job)
{
    /// <summary>Why a run waits before it begins again from what Redis has.</summary>
    public const string GoneBack = "A failover of Redis took the last steps back. They are repeated.";

    private long _done = job.Done;
    private long _failed = job.Failed;

    /// <summary>The last UID that was decided; 0 before the first.</summary>
    public uint Position { get; private set; } =
        uint.TryParse(job.Position, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : 0;

    /// <summary>How many emails were decided.</summary>
    public long Decided { get; private set; } = job.Done + job.Skipped + job.Failed;

    /// <summary>Whether the appends have gone back behind what the job has counted.</summary>
    public bool IsBehind(BackfillPosition at) => at.Appended < _done || at.DeadLettered < _failed;

    /// <summary>Counts emails that were decided.</summary>
    /// <param name="after">The position after them.</param>
    /// <param name="decided">How many there were.</param>
    /// <param name="last">The last of them.</param>
    /// <returns>How many of them are new in the stream, were left out, and became dead letters.</returns>
    public (long Done, long Skipped, long Failed) Take(BackfillPosition after, int decided, uint last)
    {
        var (done, failed) = (after.Appended - _done, after.DeadLettered - _failed);
        (_done, _failed) = (after.Appended, after.DeadLettered);
        Decided += decided;
        Position = last;
        return (done, Math.Max(0, decided - done - failed), failed);
    }

    /// <summary>A UID as a job's position.</summary>
    public static string Text(uint uid) => uid.ToString(CultureInfo.InvariantCulture);
}
