namespace EmailIngestion.Operations.Status;

/// <summary>An email that this process has in work.</summary>
/// <param name="Mailbox">Its mailbox; null if the entry cannot be read.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="EntryId">The ID of its entry.</param>
/// <param name="Consumer">The consumer.</param>
/// <param name="StartedAgoSeconds">How long this process has it.</param>
/// <param name="DeliveryCount">The number of the delivery.</param>
public sealed record InFlightEmail(
    string? Mailbox, uint? Uid, string EntryId, string Consumer, double StartedAgoSeconds, int DeliveryCount);
