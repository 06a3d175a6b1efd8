namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>A time zone that a calendar file describes (VTIMEZONE).</summary>
internal sealed class CalendarZone(IReadOnlyList<CalendarObservance> observances)
{
    /// <summary>The offset at a local time.</summary>
    public TimeSpan Offset(DateTime time)
    {
        var (begin, offset) = (DateTime.MinValue, (TimeSpan?)null);
        foreach (var observance in observances)
        {
            if (observance.BeginBefore(time) is { } other && other >= begin)
                (begin, offset) = (other, observance.Offset);
        }

        return offset ?? observances.MinBy(observance => observance.First)!.OffsetFrom;
    }
}
