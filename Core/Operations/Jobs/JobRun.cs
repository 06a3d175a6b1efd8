using System.Text.Json;
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
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(job.Filter, type) ?? throw new JobFailedException("The job asks for nothing.");
        }
        catch (JsonException e)
        {
            throw new JobFailedException($"What the job asks for cannot be read: {e.Message}");
        }
    }

    /// <summary>A step that changes one dead letter and counts it in the job.</summary>
    /// <param name="skipped">How many were skipped since the last step.</param>
    public JobStep Step(int skipped) => new(job.Id, lane, holder, skipped);

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
    /// <returns>False: the run must end, and nothing was counted.</returns>
    public Task<bool> AdvanceAsync(string position, long done, long skipped, long failed, CancellationToken cancellationToken) =>
        ChangeAsync(
            JobState.Running,
            [(JobFields.Done, done), (JobFields.Skipped, skipped), (JobFields.Failed, failed)],
            [(JobFields.Position, position), (JobFields.Reason, "")],
            cancellationToken);

    /// <summary>Sets the number of items, where it becomes known only while the job runs.</summary>
    public Task<bool> SetTotalAsync(long total, CancellationToken cancellationToken) =>
        ChangeAsync(_state, [], [("total", total)], cancellationToken);

    /// <summary>
    /// Says why the job waits, and waits: longer each time, up to ten seconds, until <see cref="ContinueAsync"/>. A job of the lane that
    /// has not begun goes first, unless it must follow this one: the run ends, and the job runs again after that one.
    /// </summary>
    /// <returns>False: the run must end.</returns>
    public async Task<bool> WaitAsync(string reason, CancellationToken cancellationToken)
    {
        if (!await ChangeAsync(JobState.Waiting, [], [(JobFields.Reason, reason)], cancellationToken))
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
            await ChangeAsync(JobState.Running, [], [(JobFields.Reason, "")], cancellationToken);
    }

    private async Task<bool> ChangeAsync(
        string state, (string Name, long Number)[] additions, (string Name, RedisValue Value)[] values, CancellationToken cancellationToken)
    {
        var change = new JobChange(state) { Additions = additions, Values = values };
        if (!IsStopped && !await partition.Jobs.UpdateAsync(job.Id, lane, holder, change, cancellationToken))
            Stop();
        _state = state;
        return !IsStopped;
    }
}
