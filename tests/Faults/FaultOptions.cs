namespace EmailIngestion.Faults;

/// <summary>What to run.</summary>
internal sealed record FaultOptions
{
    public required int Emails { get; init; }

    public required int Workers { get; init; }

    /// <summary>How long faults are injected; what is left then is drained without any.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The same seed gives the same mails and the same order of faults; when exactly each strikes is the machine's.</summary>
    public required int Seed { get; init; }

    /// <summary>standalone, sentinel or cluster.</summary>
    public required string Redis { get; init; }

    /// <summary>Under Sentinels: how many replicas a primary needs to take anything, <c>min-replicas-to-write</c>.</summary>
    public required int MinReplicas { get; init; }

    /// <summary>The stream limit of all processes: low, so that outstanding work is at it now and then, and settled entries would be.</summary>
    public int StreamLimit => Math.Clamp(Emails / 10, 50, 2_000);

    /// <summary>The receiver takes every email at once.</summary>
    public bool Calm { get; init; }

    /// <summary>Leaves the processes' logs behind, also when all is well.</summary>
    public bool Keep { get; init; }
}
