using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Jobs;

/// <summary>Decides which open job of a lane runs next. Pure.</summary>
internal static class JobOrder
{
    /// <summary>
    /// The oldest job that need not follow an older one. A job that waits comes after those that do not, since one of them may make the
    /// room that it waits for.
    /// </summary>
    /// <param name="open">The jobs that have not ended, oldest first.</param>
    /// <param name="kinds">The kinds of the lane that this process runs.</param>
    /// <returns>Null: there is none for this process.</returns>
    public static (IJobKind Kind, Job Job)? Next(IEnumerable<Job> open, IReadOnlyCollection<IJobKind> kinds)
    {
        var older = new List<Job>();
        (IJobKind Kind, Job Job)? waiting = null;
        foreach (var job in open)
        {
            if (kinds.FirstOrDefault(one => one.Kind == job.Kind) is not { } kind)
                continue;
            if (!older.Any(one => kind.MustFollow(job, one)))
            {
                if (job.State != JobState.Waiting)
                    return (kind, job);
                waiting ??= (kind, job);
            }

            older.Add(job);
        }

        return waiting;
    }
}
