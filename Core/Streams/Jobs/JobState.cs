namespace EmailIngestion.Streams.Jobs;

/// <summary>The states of a job, as Redis and the HTTP answers name them.</summary>
public static class JobState
{
    /// <summary>It has not begun: it waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>A process runs it.</summary>
    public const string Running = "running";

    /// <summary>It waits for something, which its reason says.</summary>
    public const string Waiting = "waiting";

    /// <summary>It has done all that it could.</summary>
    public const string Completed = "completed";

    /// <summary>A person ended it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It cannot continue; its reason says why.</summary>
    public const string Failed = "failed";

    internal static bool IsEnd(string state) => state is Completed or Cancelled or Failed;
}
