using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Jobs;

/// <summary>The jobs of one partition: a hash for each, a list of all, and a lock for the process that runs the jobs of a lane.</summary>
public sealed partial class JobStore
{
    /// <summary>How many jobs are kept; further ones that have ended are forgotten, the oldest first.</summary>
    internal const int History = 100;

    /// <summary>How many jobs may wait or run.</summary>
    internal const int MostOpen = 20;

    /// <summary>How long a process has the jobs of a lane without a renewal.</summary>
    internal static readonly TimeSpan LockLife = TimeSpan.FromSeconds(15);

    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;

    internal JobStore(StreamKeys keys, RedisConnection connection, TimeProvider time)
    {
        _keys = keys;
        _connection = connection;
        _time = time;
    }

    /// <summary>Whether the text has the form of a job's ID.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>Finds a job. Null when there is none, or no longer.</summary>
    public async Task<Job?> FindAsync(string id, CancellationToken cancellationToken) =>
        await JobFields.ReadAsync(await _connection.DatabaseAsync(cancellationToken), _keys, id);

    /// <summary>Reads one page of jobs, newest first, and the ID to continue at older ones (null = no more).</summary>
    public async Task<(IReadOnlyList<Job> Jobs, string? After)> ListAsync(int limit, string? after, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        // There are about a hundred. The time of an ID that is forgotten tells its place as well.
        var ids = (await database.SortedSetRangeByRankAsync(_keys.Jobs, order: Order.Descending))
            .Select(id => id.ToString())
            .Where(id => after is null || string.CompareOrdinal(id, after) < 0)
            .OrderDescending(StringComparer.Ordinal)
            .Take(limit + 1)
            .ToArray();
        var jobs = await Task.WhenAll(ids.Take(limit).Select(id => JobFields.ReadAsync(database, _keys, id)));
        return ([.. jobs.OfType<Job>()], ids.Length > limit ? ids[limit - 1] : null);
    }

    /// <summary>Cancels a job. False: it has ended, or there is none.</summary>
    public async Task<bool> CancelAsync(Job job, string who, CancellationToken cancellationToken) => await WriteAsync(
        job.Id,
        lockKey: null,
        holder: "",
        new JobChange(JobState.Cancelled)
        {
            Values = [(JobFields.Ended, Now()), (JobFields.Reason, $"Cancelled by {who}.")],
            Audit = new AuditRecord(who, "job-cancel", job.Id, job.Filter, job.Done, $"cancelled a {job.Kind} of {job.Total}"),
        },
        cancellationToken);

    /// <summary>Creates a job, which waits for its turn. Its creation is in the audit.</summary>
    internal async Task<(JobCreation Result, Job? Job)> CreateAsync(NewJob job, CancellationToken cancellationToken)
    {
        var created = _time.GetUtcNow();
        var id = string.Create(
            CultureInfo.InvariantCulture,
            $"{created.ToUnixTimeMilliseconds():D13}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var fields = JobFields.Of(job, created);
        RedisKey[] keys = [_keys.Jobs, _keys.OpenJobs, _keys.Job(id), _keys.Audit];
        var database = await _connection.DatabaseAsync(cancellationToken);
        var reply = (string?)await database.ScriptEvaluateAsync(
            Scripts.JobCreate,
            job.Preview is { } preview ? [.. keys, _keys.Preview(preview)] : keys,
            [
                id, created.ToUnixTimeMilliseconds(), History, MostOpen, AuditLog.Length, fields.Length, .. fields,
                .. AuditLog.Fields(new AuditRecord(job.Who, job.Action, id, job.Filter, job.Total, "created"), _time),
            ]);
        return reply switch
        {
            "created" => (JobCreation.Created, await FindAsync(id, cancellationToken)),
            "unconfirmed" => (JobCreation.Unconfirmed, null),
            _ => (JobCreation.TooMany, null),
        };
    }

    /// <summary>The jobs that have not ended, oldest first.</summary>
    internal async Task<IReadOnlyList<Job>> OpenAsync(CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var ids = await database.SortedSetRangeByRankAsync(_keys.OpenJobs, 0, MostOpen * 2);
        var jobs = await Task.WhenAll(ids.Select(id => JobFields.ReadAsync(database, _keys, id.ToString())));
        return [.. jobs.OfType<Job>().Where(job => !job.HasEnded)];
    }

    /// <summary>
    /// Changes a job. False: it has ended, another process has the lock of the lane, or Redis has gone back behind what is expected.
    /// </summary>
    internal Task<bool> UpdateAsync(string id, string lane, string holder, JobChange change, CancellationToken cancellationToken) =>
        WriteAsync(id, _keys.JobLock(lane), holder, change, cancellationToken);

    /// <summary>Takes or renews the lock of a lane. False: another process has it.</summary>
    internal async Task<bool> TryLockAsync(string lane, string holder, CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.AcquireLock, [_keys.JobLock(lane)], [holder, (long)LockLife.TotalMilliseconds]) == 1;
    }

    /// <summary>Releases the lock of a lane, if the holder still has it.</summary>
    internal async Task UnlockAsync(string lane, string holder)
    {
        var database = await _connection.DatabaseAsync(CancellationToken.None);
        await database.ScriptEvaluateAsync(Scripts.ReleaseLock, [_keys.JobLock(lane)], [holder]);
    }

    /// <summary>What a process relies on that has brought a job to a position.</summary>
    internal (RedisKey Hash, RedisValue Field, RedisValue Value) At(string id, string position) =>
        (_keys.Job(id), JobFields.Position, position);

    /// <summary>The time as a job has it.</summary>
    internal long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<bool> WriteAsync(
        string id, RedisKey? lockKey, string holder, JobChange change, CancellationToken cancellationToken)
    {
        RedisKey[] keys = [_keys.Job(id), _keys.OpenJobs, _keys.Audit];
        var database = await _connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.JobUpdate,
            lockKey is not { } key ? keys : change.Expected is { } expected ? [.. keys, key, expected.Hash] : [.. keys, key],
            [
                id, holder, change.State, AuditLog.Length, change.Expected?.Field ?? "", change.Expected?.Value ?? "",
                change.Additions.Count * 2, .. change.Additions.SelectMany(one => new RedisValue[] { one.Name, one.Number }),
                change.Values.Count * 2, .. change.Values.SelectMany(one => new RedisValue[] { one.Name, one.Value }),
                .. change.Audit is { } audit ? AuditLog.Fields(audit, _time) : [],
            ]) == 1;
    }

    [GeneratedRegex(@"\A[0-9]{13}-[0-9a-f]{8}\z")]
    private static partial Regex Id();
}
