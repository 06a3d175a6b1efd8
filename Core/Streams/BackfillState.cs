using System.Globalization;
using EmailIngestion.Redis;
using EmailIngestion.Streams.Jobs;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The positions of backfills in Redis. A mailbox has one at a time; the appends move it.</summary>
internal sealed class BackfillState(StreamKeys keys, RedisConnection connection)
{
    private static readonly RedisValue[] Names =
    [
        "backfill_job", "backfill_epoch", "backfill_uidvalidity", "backfill_until", "backfill_last", "backfill_appended", "backfill_dead",
    ];

    /// <summary>Begins a backfill for a job, or finds that the job has begun it before.</summary>
    public async Task<BackfillBeginning> BeginAsync(string mailbox, JobStep step, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (BackfillBeginning)(int)await database.ScriptEvaluateAsync(
            Scripts.BeginBackfill, [keys.Cursor(mailbox), keys.Job(step.Job), keys.JobLock(step.Lane)], [step.Job, step.Holder]);
    }

    /// <summary>What a job relies on that has read a position.</summary>
    public (RedisKey Hash, RedisValue Field, RedisValue Value) At(string mailbox, BackfillPosition position) =>
        (keys.Cursor(mailbox), "backfill_last", position.Last);

    /// <summary>Reads the position of a job's backfill. Null: the mailbox has none of this job.</summary>
    public async Task<BackfillPosition?> ReadAsync(string mailbox, string job, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var values = await database.HashGetAsync(keys.Cursor(mailbox), Names);
        return values[0] == job
            ? new BackfillPosition(
                job, (int)Number(1, int.MaxValue), (uint)Number(2, uint.MaxValue), (uint)Number(3, uint.MaxValue),
                (uint)Number(4, uint.MaxValue), Number(5, long.MaxValue), Number(6, long.MaxValue))
            : null;

        long Number(int at, long most) =>
            long.TryParse(values[at].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
                ? number
                : throw new DamagedCursorException(mailbox, keys.Cursor(mailbox).ToString(), $"{Names[at]} is not a number");
    }
}
