using System.Globalization;
using EmailIngestion.Messages.Content.Calendars;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Reads the invitation in a calendar part.</summary>
internal static class CalendarReader
{
    private const int MaxParts = 5_000;
    private const int MaxCalendars = 5;
    private const int MaxBytes = 1024 * 1024;
    private const int MaxAttendees = 500;
    private const int MaxText = 4_000;
    private const int MaxName = 500;

    /// <summary>The first event of the first calendar part with one; null when there is none that can be read.</summary>
    public static ParsedCalendar? Read(EmailConversion email)
    {
        var parts = EntityParts.Leaves(email.Mime.Body, MaxParts).Where(IsCalendar).Take(MaxCalendars);
        foreach (var part in parts)
        {
            var text = SmallText.Read(part, MaxBytes, out var isWhole);
            if (CalendarFile.Read(text, email.CancellationToken) is not { } file)
                continue;
            if (!isWhole || file.IsCut || file.All("ATTENDEE").Skip(MaxAttendees).Any())
                email.AddTruncated("calendar");
            return Event(file, part.ContentType.Parameters["method"]);
        }

        return null;
    }

    private static ParsedCalendar Event(CalendarFile file, string? method)
    {
        var start = CalendarTime.Read(file.Find("DTSTART"), file);
        var end = CalendarTime.Read(file.Find("DTEND"), file);
        if (end is null && file.Find("DURATION") is { } duration)
            end = start?.Plus(duration.Value);
        return new ParsedCalendar
        {
            Method = Line(string.IsNullOrWhiteSpace(method) ? file.Method : method)?.ToUpperInvariant(),
            Uid = Line(file.Find("UID")?.Text),
            Sequence = int.TryParse(file.Find("SEQUENCE")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? sequence
                : null,
            Summary = Text(file.Find("SUMMARY")),
            Location = Text(file.Find("LOCATION")),
            Start = start?.ToString(),
            End = end?.ToString(),
            Organizer = file.Find("ORGANIZER") is { } organizer ? Organizer(organizer) : null,
            Attendees = [.. file.All("ATTENDEE").Take(MaxAttendees).Select(Attendee)],
        };
    }

    private static ParsedAddress Organizer(CalendarProperty property)
    {
        var address = Address(property);
        return new ParsedAddress(Name(property, address), address, Raw: address is null ? Line(property.Value) : null);
    }

    private static ParsedAttendee Attendee(CalendarProperty property)
    {
        var address = Address(property);
        return new ParsedAttendee(Name(property, address), address, Line(property.Parameter("PARTSTAT"))?.ToLowerInvariant());
    }

    private static string? Address(CalendarProperty property)
    {
        const string scheme = "mailto:";
        var value = property.Value;
        if (value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            value = value[scheme.Length..];
        // The address of a person whose value is not one, as in a calendar of a server (RFC 7986).
        if (!value.Contains('@', StringComparison.Ordinal))
            value = property.Parameter("EMAIL") ?? "";
        return value.Contains('@', StringComparison.Ordinal) ? Line(value.Trim('<', '>')) : null;
    }

    // Many programs repeat the address as the name.
    private static string? Name(CalendarProperty property, string? address) =>
        Line(property.Parameter("CN")) is { } name && !name.Equals(address, StringComparison.OrdinalIgnoreCase) ? name : null;

    private static string? Line(string? text) =>
        text is not null && BoundedText.Line(text, MaxName) is { Length: > 0 } line ? line : null;

    private static string? Text(CalendarProperty? property) =>
        property is not null && BoundedText.WithoutControls(property.Text).Trim() is { Length: > 0 } text
            ? BoundedText.Cut(text, MaxText)
            : null;

    private static bool IsCalendar(MimeEntity part) =>
        part.ContentType.IsMimeType("text", "calendar") || part.ContentType.IsMimeType("application", "ics");
}
