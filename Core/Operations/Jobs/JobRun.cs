using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using StackExchange.Redis;

namespace EmailIngestion.Operations.Jobs;

/// <summary>A job while this process runs it: its progress, its waits, and whether it may go on.</summary>
internal sealed class JobRun(Job job, StreamPartition partition, string lane, string holder, TimeProvider time)
{
    /// <summary>Why a job waits when Redis is full.</summary>
    public const string MemoryFull = "Redis has no memory left (maxmemory).";

    private static readonly TimeSpan RenewEvery = JobStore.LockLife / 3;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private long _renewedAt = time.GetTimestamp();
    private TimeSpan _wait = FirstWait;
    private string _state = JobState.Running;
    private string _position = job.Position;

    /// <summary>The job as it was when this run began.</summary>
    public Job Job => job;

    /// <summary>The job's partition.</summary>
    public StreamPartition Partition => partition;

    /// <summary>The kinds of the lane that this process runs.</summary>
    public IReadOnlyCollection<IJobKind> Kinds { get; init; } = [];

    /// <summary>
    /// The job was cancelled, another process has taken it over, or it waits and lets another job go first. The kind must return.
    /// </summary>
    public bool IsStopped { get; private set; }

    /// <summary>The process that runs it.</summary>
    public string Holder => holder;

    /// <summary>What the job was created with.</summary>
    /// <exception cref="JobFailedException">It cannot be read.</exception>
    public T Request<T>(JsonTypeInfo<T> type)
        where T : class => JobRequest.Read(job, type);

    /// <summary>A step that changes one dead letter and counts it in the job.</summary>
    /// <param name="skipped">How many were skipped since the last step.</param>
    public JobStep Step(int skipped) => new(job.Id, lane, holder, skipped, _position);

    /// <summary>A step has moved the job's position.</summary>
    public void MovedTo(string position) => _position = position;

    /// <summary>
    /// What Redis must have when the job ends: the position to which this run has brought it. A failover may have taken the last steps
    /// back.
    /// </summary>
    public (RedisKey Hash, RedisValue Field, RedisValue Value) Reached => partition.Jobs.At(job.Id, _position);

    /// <summary>A script has found that the job may not go on.</summary>
    public void Stop() => IsStopped = true;

    /// <summary>Keeps the lock of the lane. Called before each piece of work; it asks Redis every few seconds only.</summary>
    /// <returns>False: the run must end.</returns>
    public async Task<bool> KeepAsync(CancellationToken cancellationToken)
    {
        if (IsStopped || time.GetElapsedTime(_renewedAt) < RenewEvery)
            return !IsStopped;
        if (!await partition.Jobs.TryLockAsync(lane, holder, cancellationToken))
            Stop();
        // Finds a cancellation where no step of the job is due.
        else if (await partition.Jobs.FindAsync(job.Id, cancellationToken) is not { HasEnded: false })
            Stop();
        _renewedAt = time.GetTimestamp();
        return !IsStopped;
    }

    /// <summary>Adds to the job's counts and moves its position, as one step.</summary>
    /// <param name="position">The new position.</param>
    /// <param name="done">How many more are done.</param>
    /// <param name="skipped">How many more are left as they are.</param>
    /// <param name="failed">How many more could not be done.</param>
    /// <param name="expected">What the counts rely on; null for the position before.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>False: the run must end, and nothing was counted.</returns>
    public async Task<bool> AdvanceAsync(
        string position, long done, long skipped, long failed, (RedisKey Hash, RedisValue Field, RedisValue Value)? expected,
        CancellationToken cancellationToken)
    {
        var change = new JobChange(JobState.Running)
        {
            Additions = [(JobFields.Done, done), (JobFields.Skipped, skipped), (JobFields.Failed, failed)],
            Values = [(JobFields.Position, position), (JobFields.Reason, "")],
            Expected = expected ?? Reached,
        };
        if (!await ChangeAsync(change, cancellationToken))
            return false;
        MovedTo(position);
        return true;
    }

    /// <summary>Sets the number of items, where it becomes known only while the job runs.</summary>
    public Task<bool> SetTotalAsync(long total, CancellationToken cancellationToken) =>
        ChangeAsync(new JobChange(_state) { Values = [("total", total)] }, cancellationToken);

    /// <summary>
    /// Says why the job waits, and waits: longer each time, up to ten seconds, until <see cref="ContinueAsync"/>. A job of the lane that
    /// has not begun goes first, unless it must follow this one: the run ends, and the job runs again after that one.
    /// </summary>
    /// <returns>False: the run must end.</returns>
    public async Task<bool> WaitAsync(string reason, CancellationToken cancellationToken)
    {
        if (!await ChangeAsync(new JobChange(JobState.Waiting) { Values = [(JobFields.Reason, reason)] }, cancellationToken))
            return false;
        if (JobOrder.Next(await partition.Jobs.OpenAsync(cancellationToken), Kinds) is { Job.State: JobState.Queued })
        {
            Stop();
            return false;
        }

        await Task.Delay(_wait, time, cancellationToken);
        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        return await KeepAsync(cancellationToken);
    }

    /// <summary>The job no longer waits.</summary>
    public async Task ContinueAsync(CancellationToken cancellationToken)
    {
        _wait = FirstWait;
        if (_state == JobState.Waiting)
            await ChangeAsync(new JobChange(JobState.Running) { Values = [(JobFields.Reason, "")] }, cancellationToken);
    }

    private async Task<bool> ChangeAsync(JobChange change, CancellationToken cancellationToken)
    {
        if (!IsStopped && !await partition.Jobs.UpdateAsync(job.Id, lane, holder, change, cancellationToken))
            Stop();
        _state = change.State;
        return !IsStopped;
    }
}
