namespace EmailIngestion.Messages;

/// <summary>The first event of a calendar part (RFC 5545, RFC 5546).</summary>
public sealed record ParsedCalendar
{
    /// <summary>
    /// What the sender asks or tells, in upper case, such as <c>REQUEST</c>, <c>REPLY</c> or <c>CANCEL</c>; null if unknown.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>The UID of the event: the same in its updates and answers.</summary>
    public string? Uid { get; init; }

    /// <summary>The number of the event's revision; null when there is none.</summary>
    public int? Sequence { get; init; }

    /// <summary>The title.</summary>
    public string? Summary { get; init; }

    /// <summary>The place.</summary>
    public string? Location { get; init; }

    /// <summary>The start: a time with its offset (ISO 8601), or a date of an event of whole days.</summary>
    public string? Start { get; init; }

    /// <summary>The end, as <see cref="Start"/>.</summary>
    public string? End { get; init; }

    /// <summary>Who invites.</summary>
    public ParsedAddress? Organizer { get; init; }

    /// <summary>Who is invited, or who answers.</summary>
    public required IReadOnlyList<ParsedAttendee> Attendees { get; init; }
}
