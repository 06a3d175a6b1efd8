using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// One delivery of an entry to a consumer. The consumer's name and the delivery count identify its owner: a consumer that reclaims the
/// entry gets another delivery count.
/// </summary>
/// <param name="EntryId">The entry's stream ID.</param>
/// <param name="DeliveryCount">1 for the first delivery.</param>
/// <param name="Message">The email. Null when the entry is malformed.</param>
/// <param name="Malformed">Why the entry is malformed. Null when it is not.</param>
internal sealed record Delivery(string EntryId, int DeliveryCount, EmailMessage? Message, string? Malformed)
{
    /// <summary>
    /// Where the message is when the entry does not contain it. <see cref="EmailMessage.Raw"/> is empty then. Null: the entry contains it.
    /// </summary>
    public BodyReference? Body { get; init; }

    /// <summary>Which outcomes are noted for the poller. Null: none.</summary>
    public NoteRequest? Notes { get; init; }

    /// <summary>The size of all the entry's fields, in bytes.</summary>
    public long EntryBytes { get; init; }

    /// <summary>The bytes of the delivery in memory while it is in work: the entry, and what is held of its body.</summary>
    public long Bytes => EntryBytes + (Body?.HeldBytes ?? 0);

    /// <summary>The entry's place in the stream.</summary>
    public EntryPosition Position { get; } = EntryPosition.Parse(EntryId);

    /// <summary>When the entry was appended, UTC: the time of its stream ID.</summary>
    public DateTimeOffset Appended => EntryTime.Of(Position);

    /// <summary>The note of this outcome for the poller. Null when its mailbox does not ask for it.</summary>
    public string? Note(NoteOutcome outcome) => Message is null ? null : Notes?.Note(outcome, Message);
}
