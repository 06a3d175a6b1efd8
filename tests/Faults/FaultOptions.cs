using EmailIngestion.Bodies;

namespace EmailIngestion.Faults;

/// <summary>The options of a run.</summary>
internal sealed record FaultOptions
{
    public required int Emails { get; init; }

    public required int Workers { get; init; }

    /// <summary>How long faults are injected. The remaining work is then drained without faults.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The same seed gives the same emails and the same order of faults. The exact times depend on the machine.</summary>
    public required int Seed { get; init; }

    /// <summary>standalone, sentinel or cluster.</summary>
    public required string Redis { get; init; }

    /// <summary>With Sentinels, the number of replicas that a primary needs to accept writes: <c>min-replicas-to-write</c>.</summary>
    public required int MinReplicas { get; init; }

    /// <summary>
    /// The stream limit of all processes. It is low, so that outstanding work reaches it at times, and settled entries would too.
    /// </summary>
    public int StreamLimit => Math.Clamp(Emails / 10, 50, 2_000);

    /// <summary>The receiver accepts every email at once.</summary>
    public bool Calm { get; init; }

    /// <summary>A seventh of the emails has 200 KB to 2 MB. Their messages are bodies in a store.</summary>
    public bool Large { get; init; }

    /// <summary>The store of bodies.</summary>
    public BodyStoreKind Bodies { get; init; }

    /// <summary>The pollers move, flag and delete emails after their outcome, and are killed before the server's confirmation.</summary>
    public bool After { get; init; }

    /// <summary>Keeps the processes' logs, also after a good run.</summary>
    public bool Keep { get; init; }
}
