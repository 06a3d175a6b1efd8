using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Jobs;

/// <summary>One kind of job. A process runs the jobs of the kinds that it has registered.</summary>
internal interface IJobKind
{
    /// <summary>The kind's name, as Redis and the HTTP answers have it.</summary>
    string Kind { get; }

    /// <summary>
    /// The lane: of each partition, one job of a lane runs at a time, in the order of their creation; one that waits lets those that have
    /// not begun go first, unless they must follow it. Jobs of different lanes run side by side.
    /// </summary>
    string Lane { get; }

    /// <summary>Whether a job of this kind must not run before an older one of the lane has ended, even if that one waits.</summary>
    bool MustFollow(Job job, Job older);

    /// <summary>
    /// Runs a job from its <see cref="Job.Position"/> on. It is called again, by this or another process, when it throws a
    /// failure of Redis that passes, or its process ends. When it returns, the job has completed, unless the run was stopped.
    /// </summary>
    /// <exception cref="JobFailedException">The job cannot continue; the message says why.</exception>
    Task RunAsync(JobRun run, CancellationToken cancellationToken);
}
