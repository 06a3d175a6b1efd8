using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>What is to become of a delivery: decided as data, before anything is written.</summary>
internal abstract record Outcome
{
    /// <summary>Done: acknowledge and remember.</summary>
    public sealed record Completed : Outcome;

    /// <summary>
    /// Not done. Counted: left pending until its lease runs out. Not counted (a stop, an open circuit): given back as if it had never been
    /// handed out.
    /// </summary>
    public sealed record Retry(bool Counted, string Why) : Outcome;

    /// <summary>
    /// The dependency asks for time, refuses every email alike, or fails: given back to wait, uncounted for a day, then counted. A null wait
    /// is one lease.
    /// </summary>
    /// <param name="Wait">What was asked for.</param>
    /// <param name="Last">Why, and what the dead letter says if the email's last delivery ends so.</param>
    public sealed record Postponed(TimeSpan? Wait, FailureRecord Last) : Outcome;

    /// <summary>Never to be done: dead-letter.</summary>
    public sealed record DeadLetter(FailureRecord Failure) : Outcome;

    /// <summary>What the processor threw; null when it threw nothing, or was not run to its end by us (a stop, an open circuit).</summary>
    public Exception? Error { get; init; }

    public string Name => GetType().Name;
}
