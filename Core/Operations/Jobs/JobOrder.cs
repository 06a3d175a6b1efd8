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
    public static (IJobKind Kind, Job Job)? Next(IReadOnlyList<Job> open, IReadOnlyCollection<IJobKind> kinds)
    {
        (IJobKind Kind, Job Job)? waiting = null;
        foreach (var job in open)
        {
            if (KindOf(job, kinds) is not { } kind || Followed(job, open, kinds) is not null)
                continue;
            if (job.State != JobState.Waiting)
                return (kind, job);
            waiting ??= (kind, job);
        }

        return waiting;
    }

    /// <summary>The oldest job that must end before this one runs. Null: there is none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="open">The jobs that have not ended, oldest first.</param>
    /// <param name="kinds">The kinds of jobs.</param>
    public static Job? Followed(Job job, IReadOnlyList<Job> open, IReadOnlyCollection<IJobKind> kinds)
    {
        var kind = KindOf(job, kinds);
        return open.TakeWhile(older => older.Id != job.Id)
            .FirstOrDefault(older => KindOf(older, kinds)?.Lane == kind?.Lane && kind?.MustFollow(job, older) == true);
    }

    private static IJobKind? KindOf(Job job, IReadOnlyCollection<IJobKind> kinds) => kinds.FirstOrDefault(one => one.Kind == job.Kind);
}
