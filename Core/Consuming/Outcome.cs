using EmailIngestion.Streams;

namespace EmailIngestion.Consuming;

/// <summary>The outcome of a delivery. It is decided before anything is written.</summary>
internal abstract record Outcome
{
    /// <summary>The email is processed: acknowledge the entry and store the email's id.</summary>
    public sealed record Completed : Outcome;

    /// <summary>
    /// The email is not processed. If the delivery counts, the entry stays pending until its lease expires. If it does not count (a stop,
    /// an open circuit), the entry is released with its former delivery count.
    /// </summary>
    public sealed record Retry(bool Counted, string Why) : Outcome;

    /// <summary>
    /// The dependency asks for time, refuses every email, or fails: the entry waits, for a day without counting, then counted.
    /// </summary>
    /// <param name="Wait">The wait that the dependency asked for; null: one lease.</param>
    /// <param name="Last">The failure. The dead letter records it if this was the email's last delivery.</param>
    public sealed record Postponed(TimeSpan? Wait, FailureRecord Last) : Outcome;

    /// <summary>
    /// The email cannot run now, and others can: the circuit of its processors is open, the store of its body is away, or this process has
    /// no room for it. The entry waits, uncounted without a limit.
    /// </summary>
    public sealed record Rejected(TimeSpan Wait) : Outcome;

    /// <summary>The email cannot be processed: move it to the dead-letter queue.</summary>
    public sealed record DeadLetter(FailureRecord Failure) : Outcome;

    /// <summary>
    /// The exception of the processor; null if it threw none, or if this process ended the run (a stop, an open circuit).
    /// </summary>
    public Exception? Error { get; init; }

    public string Name => GetType().Name;
}
