namespace EmailIngestion.Streams;

/// <param name="Deliveries">What was taken over.</param>
/// <param name="PoisonSuspectedNext">The next one may have killed its consumers: it is taken only by who asks for it alone.</param>
/// <param name="AtEnd">The whole pending list has been walked.</param>
internal sealed record Reclaimed(IReadOnlyList<Delivery> Deliveries, bool PoisonSuspectedNext, bool AtEnd);

/// <summary>
/// Which deliveries are suspects: those from number <see cref="From"/> on whose last one never ended. Whatever killed that consumer, it was
/// one of those in its work; run alone, it burns no deliveries but its own.
/// </summary>
/// <param name="From">The first number that makes a suspect.</param>
/// <param name="Last">The last number that is run; beyond it a delivery is buried, which harms nobody.</param>
internal readonly record struct PoisonSuspicion(int From, int Last)
{
    // One death may be a node's or a deployment's; two are a pattern.
    private const int AfterTwo = 3;

    public static PoisonSuspicion Of(int maxDeliveries) => new(Math.Min(AfterTwo, maxDeliveries), maxDeliveries);
}
