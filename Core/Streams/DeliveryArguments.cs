using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Writes deliveries as arguments of a script.</summary>
internal static class DeliveryArguments
{
    /// <summary>The arguments, then entry ID and delivery count of each delivery.</summary>
    public static RedisValue[] Of(List<RedisValue> arguments, IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            arguments.Add(delivery.EntryId);
            arguments.Add(delivery.DeliveryCount);
        }

        return [.. arguments];
    }
}
