using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Jobs;

/// <summary>Tells which jobs must follow older ones.</summary>
public sealed class JobQueue
{
    private readonly IJobKind[] _kinds;

    internal JobQueue(IEnumerable<IJobKind> kinds) => _kinds = [.. kinds];

    /// <summary>
    /// Finds for each of these jobs the oldest one that must end before it runs, by the IDs of both. Jobs that follow none are missing.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> FollowedAsync(
        StreamPartition partition, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        var followed = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!jobs.Any(MayFollow))
            return followed;
        var open = await partition.Jobs.OpenAsync(cancellationToken);
        foreach (var job in jobs.Where(MayFollow))
        {
            // A job that is not open any more has ended meanwhile.
            if (open.Any(one => one.Id == job.Id) && JobOrder.Followed(job, open, _kinds) is { } older)
                followed[job.Id] = older.Id;
        }

        return followed;
    }

    private static bool MayFollow(Job job) => job.State is JobState.Queued or JobState.Waiting;
}
