namespace EmailIngestion.Streams.Jobs;

/// <summary>What a step of a job has done with a dead letter.</summary>
internal enum StepResult
{
    /// <summary>It is done, now or by an earlier attempt whose answer was lost. The job has counted it.</summary>
    Done,

    /// <summary>There is no such dead letter any more. The job has counted it as skipped.</summary>
    Missing,

    /// <summary>It cannot be done. The job has counted it as failed.</summary>
    Impossible,

    /// <summary>The stream is at its limit: nothing has changed.</summary>
    Full,

    /// <summary>The job has ended, or another process has it: nothing has changed.</summary>
    Stopped,
}
