namespace EmailIngestion.Streams.Jobs;

/// <summary>A job as Redis has it. Any process that may run its kind carries it on after a crash.</summary>
public sealed record Job
{
    /// <summary>The ID: the time of its creation and a random part.</summary>
    public required string Id { get; init; }

    /// <summary>The partition; empty for the unnamed one.</summary>
    public required string Partition { get; init; }

    /// <summary>What it does, such as <c>replay</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it works on, as JSON.</summary>
    public required string Filter { get; init; }

    /// <summary>Its state, one of <see cref="JobState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why it has not begun, waits or failed, in words; empty otherwise.</summary>
    public required string Reason { get; init; }

    /// <summary>How many items it had at its creation; 0 when that is not known.</summary>
    public required long Total { get; init; }

    /// <summary>How many it has done.</summary>
    public required long Done { get; init; }

    /// <summary>How many it has left as they are, or found gone.</summary>
    public required long Skipped { get; init; }

    /// <summary>How many it could not do.</summary>
    public required long Failed { get; init; }

    /// <summary>Who created it.</summary>
    public required string Who { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it first ran; null before.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The process that runs it or ran it last; empty before.</summary>
    public required string Process { get; init; }

    /// <summary>The last item that was decided, in the kind's own words; empty before the first.</summary>
    internal string Position { get; init; } = "";

    /// <summary>The last item that it works on, in the kind's own words; empty for all.</summary>
    internal string Until { get; init; } = "";

    /// <summary>How the audit names it.</summary>
    internal string AuditAction { get; init; } = "";

    /// <summary>Whether it has ended.</summary>
    internal bool HasEnded => JobState.IsEnd(State);
}
