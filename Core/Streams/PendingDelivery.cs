namespace EmailIngestion.Streams;

/// <summary>A delivery that is not settled yet, of any consumer.</summary>
/// <param name="EntryId">The ID of its entry.</param>
/// <param name="Consumer">
/// The consumer that has it; <c>(retry)</c> for one that waits for its next run, <c>(large)</c> for one that waits for room.
/// </param>
/// <param name="Mailbox">The email's mailbox; null if the entry is gone or was not read.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="Subject">The beginning of its subject.</param>
/// <param name="AgeSeconds">How long its entry has been in the stream.</param>
/// <param name="IdleSeconds">The time since it was delivered or its lease was renewed.</param>
/// <param name="DeliveryCount">The number of the delivery.</param>
public sealed record PendingDelivery(
    string EntryId,
    string Consumer,
    string? Mailbox,
    uint? Uid,
    string? Subject,
    double AgeSeconds,
    double IdleSeconds,
    long DeliveryCount);
