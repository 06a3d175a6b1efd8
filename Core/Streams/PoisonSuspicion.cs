namespace EmailIngestion.Streams;

/// <summary>
/// Decides which entries are suspected poison messages: those whose last delivery never ended, from delivery count <see cref="From"/> on.
/// One of the entries that the consumer had in work may have killed it. In an exclusive run such an entry uses up only its own deliveries.
/// </summary>
/// <param name="From">The first suspected delivery count.</param>
/// <param name="Last">The last delivery count that is run. Beyond it the entry is dead-lettered, which is safe.</param>
internal readonly record struct PoisonSuspicion(int From, int Last)
{
    // One dead consumer may be due to a node or a deployment. Two are a pattern.
    private const int AfterTwoDeaths = 3;

    public static PoisonSuspicion Of(int maxDeliveries) => new(Math.Min(AfterTwoDeaths, maxDeliveries), maxDeliveries);
}
