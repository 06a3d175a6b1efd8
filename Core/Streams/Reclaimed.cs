namespace EmailIngestion.Streams;

/// <summary>The result of a reclaim.</summary>
/// <param name="Deliveries">The reclaimed deliveries.</param>
/// <param name="PoisonSuspectedNext">The next one is a suspected poison message. Only an exclusive run may reclaim it.</param>
/// <param name="Next">Where the next reclaim continues.</param>
internal sealed record Reclaimed(IReadOnlyList<Delivery> Deliveries, bool PoisonSuspectedNext, string Next)
{
    /// <summary>Where a reclaim begins.</summary>
    public const string Beginning = "-";

    /// <summary>The whole pending list was read.</summary>
    public bool AtEnd => Next == Beginning;
}
