using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>An email and the facts of its delivery, as a processor receives them.</summary>
public sealed record EmailDelivery
{
    /// <summary>The email. <see cref="EmailMessage.Parsed"/> is its content.</summary>
    public required EmailMessage Email { get; init; }

    /// <summary>
    /// How many times the email has been delivered, including this delivery. The first delivery is 1, which is also the default; the last
    /// is <c>Consumer:MaxDeliveries</c>. Above 1, an earlier delivery failed or its consumer died, and may have done part of the work.
    /// </summary>
    public int DeliveryCount { get; init; } = 1;

    /// <summary>The partition of the email. Default "", the partition without a name.</summary>
    public string Partition { get; init; } = "";

    /// <summary>When the email was appended to the stream (UTC). For a replayed email, when it was replayed.</summary>
    public DateTimeOffset AppendedAt { get; init; }
}
