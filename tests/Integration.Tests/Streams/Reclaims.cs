using EmailIngestion.Streams;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Reclaims for a consumer in tests.</summary>
internal static class Reclaims
{
    /// <summary>Reclaims up to ten deliveries, from the beginning of the pending list.</summary>
    public static Task<Reclaimed> ReclaimAsync(this ConsumerGroup group, int maxDeliveries = 5) =>
        group.Reader.ReclaimAsync(
            Reclaimed.Beginning, 10, PoisonSuspicion.Of(maxDeliveries), exclusive: false, [], CancellationToken.None);
}
