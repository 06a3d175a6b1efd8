using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>What a processor is given: the email, and what is known of this delivery of it.</summary>
public sealed record EmailDelivery
{
    /// <summary>The email; <see cref="EmailMessage.Parse"/> gives it parsed.</summary>
    public required EmailMessage Email { get; init; }

    /// <summary>
    /// How many times the email has been delivered, this time included. Default 1, the first delivery; <c>Consumer:MaxDeliveries</c> is the
    /// last one. Above 1 an earlier delivery failed, or its consumer died, and may have done part of the work.
    /// </summary>
    public int DeliveryCount { get; init; } = 1;

    /// <summary>The partition that the email came through. Default "", the unnamed one.</summary>
    public string Partition { get; init; } = "";

    /// <summary>When the email was appended to the stream, UTC; after a replay, when it was replayed.</summary>
    public DateTimeOffset AppendedAt { get; init; }
}
