namespace EmailIngestion.Streams.Jobs;

/// <summary>A step of a job that changes one dead letter: it writes the job's progress with its effect.</summary>
/// <param name="Job">The job's ID.</param>
/// <param name="Lane">The lane whose lock its process has.</param>
/// <param name="Holder">The process.</param>
/// <param name="Skipped">How many dead letters it has skipped since its last step.</param>
/// <param name="Position">The job's position before it. Redis has another one after a failover, and the step does nothing then.</param>
internal sealed record JobStep(string Job, string Lane, string Holder, int Skipped, string Position);
