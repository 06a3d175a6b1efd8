using System.Globalization;

namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>A standard or daylight saving time of a time zone (RFC 5545, 3.6.5): when it begins in each year, and its offset.</summary>
internal sealed record CalendarObservance(DateTime First, DateTime Last, TimeSpan OffsetFrom, TimeSpan Offset, YearlyRule? Rule)
{
    /// <summary>Reads an observance; null when its begin or its offset cannot be read.</summary>
    public static CalendarObservance? Read(IReadOnlyList<CalendarProperty> properties)
    {
        if (CalendarTime.Local(Value("DTSTART") ?? "") is not { } first || ParseOffset(Value("TZOFFSETTO")) is not { } offset)
            return null;
        var (rule, last) = YearlyRule.Read(Value("RRULE"));
        return new CalendarObservance(first, rule is null ? first : last, ParseOffset(Value("TZOFFSETFROM")) ?? offset, offset, rule);

        string? Value(string name) => properties.FirstOrDefault(property => property.Name == name)?.Value;
    }

    /// <summary>The last begin at or before a local time; null when it begins later.</summary>
    public DateTime? BeginBefore(DateTime time)
    {
        if (time < First)
            return null;
        if (Rule is null)
            return First;
        var latest = Math.Min(time.Year, Last.Year);
        for (var year = latest; year >= Math.Max(First.Year, latest - 1); year--)
        {
            if (Rule.Day(year, First) is { } day && day + First.TimeOfDay is var begin && begin <= time && begin <= Last && begin >= First)
                return begin;
        }

        return First;
    }

    // +0100, -0530, +013045.
    private static TimeSpan? ParseOffset(string? value)
    {
        if (value is not ['+' or '-', .. var digits] || digits.Length is not (4 or 6)
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        if (digits.Length == 6)
            number /= 100;
        var offset = new TimeSpan(number / 100, number % 100, 0);
        return offset > TimeSpan.FromHours(14) ? null : value[0] == '-' ? -offset : offset;
    }
}
