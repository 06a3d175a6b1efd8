using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// One handing-out of an entry. With the consumer's name, the number is what makes it ours: whoever reclaims the entry has another number.
/// </summary>
/// <param name="EntryId">The entry's stream id.</param>
/// <param name="DeliveryCount">1 for the first delivery.</param>
/// <param name="Message">The email; null when the entry is malformed.</param>
/// <param name="Malformed">What is wrong with the entry; null when nothing is.</param>
internal sealed record Delivery(string EntryId, int DeliveryCount, EmailMessage? Message, string? Malformed)
{
    /// <summary>The entry's fields together, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>When the entry was appended (the stream id's time), UTC.</summary>
    public DateTimeOffset Appended => EntryTime.Of(EntryId);

    /// <summary>In the order of the stream. Of two ids' numbers the longer is the larger one.</summary>
    public static int Compare(Delivery one, Delivery other)
    {
        var time = one.EntryId.IndexOf('-', StringComparison.Ordinal);
        var order = time.CompareTo(other.EntryId.IndexOf('-', StringComparison.Ordinal));
        if (order == 0)
            order = string.CompareOrdinal(one.EntryId, 0, other.EntryId, 0, time);
        if (order == 0)
            order = one.EntryId.Length.CompareTo(other.EntryId.Length);
        return order == 0 ? string.CompareOrdinal(one.EntryId, other.EntryId) : order;
    }
}
