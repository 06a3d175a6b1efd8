namespace EmailIngestion.Streams;

/// <summary>The result of a replay.</summary>
public enum ReplayResult
{
    /// <summary>The dead letter is an entry of the stream again.</summary>
    Replayed,

    /// <summary>There is no such dead letter.</summary>
    Missing,

    /// <summary>Outstanding work is at the stream limit. Nothing was changed.</summary>
    Full,

    /// <summary>The message was never fetched or its key is gone, so there is nothing to process. Nothing was changed.</summary>
    Bodiless,

    /// <summary>As a step of a job: the job has ended, or another process has it. Nothing was changed.</summary>
    Stopped,

    /// <summary>As a step of a job: an earlier attempt has decided it, and its answer was lost.</summary>
    Repeated,
}
