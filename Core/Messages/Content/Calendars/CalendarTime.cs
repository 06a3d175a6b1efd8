using System.Globalization;

namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>
/// A date or a time of an event. A time has an offset when its zone is known: by the file's own description first, since that is the same
/// on each machine.
/// </summary>
internal sealed class CalendarTime
{
    // In seconds: more than there are in all the years of a date.
    private const long MaxDuration = 10_000L * 366 * 24 * 3600;

    private readonly DateTime _local;
    private readonly bool _isDate;
    private readonly Func<DateTime, TimeSpan?> _offset;

    private CalendarTime(DateTime local, bool isDate, Func<DateTime, TimeSpan?> offset) =>
        (_local, _isDate, _offset) = (local, isDate, offset);

    /// <summary>Reads a property such as DTSTART; null when it is no time.</summary>
    public static CalendarTime? Read(CalendarProperty? property, CalendarFile file)
    {
        if (property is null || Local(property.Value) is not { } local)
            return null;
        if (!property.Value.Contains('T', StringComparison.OrdinalIgnoreCase))
            return new CalendarTime(local, isDate: true, static _ => null);
        if (property.Value.EndsWith('Z') || property.Value.EndsWith('z'))
            return new CalendarTime(local, isDate: false, static _ => TimeSpan.Zero);
        if (property.Parameter("TZID") is not { Length: > 0 } id)
            return new CalendarTime(local, isDate: false, static _ => null);
        if (file.Zone(id) is { } zone)
            return new CalendarTime(local, isDate: false, time => zone.Offset(time));
        var system = SystemZones.Find(id);
        return new CalendarTime(local, isDate: false, time => system?.GetUtcOffset(time));
    }

    /// <summary>The time after a duration such as <c>PT1H30M</c> or <c>P1D</c>; null when it cannot be read.</summary>
    public CalendarTime? Plus(string duration)
    {
        if (Duration(duration) is not { } length)
            return null;
        try
        {
            return new CalendarTime(_local + length, _isDate && length.Ticks % TimeSpan.TicksPerDay == 0, _offset);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>ISO 8601: a date, a time with its offset, or a time without one.</summary>
    public override string ToString()
    {
        if (_isDate)
            return _local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var time = _local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return _offset(_local) switch
        {
            null => time,
            { Ticks: 0 } => $"{time}Z",
            { } offset => $"{time}{(offset < TimeSpan.Zero ? '-' : '+')}{offset.ToString("hh':'mm", CultureInfo.InvariantCulture)}",
        };
    }

    /// <summary>The date and time of a value without its zone; null when it is none.</summary>
    public static DateTime? Local(string value) =>
        DateTime.TryParseExact(
            value.TrimEnd('Z', 'z'), ["yyyyMMdd'T'HHmmss", "yyyyMMdd'T'HHmm", "yyyyMMdd"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var time)
            ? time
            : null;

    private static TimeSpan? Duration(string value)
    {
        var text = value.AsSpan().TrimStart('+');
        if (text is not ['P' or 'p', ..])
            return null;
        var seconds = 0L;
        var number = -1;
        foreach (var character in text[1..])
        {
            if (char.IsAsciiDigit(character) && number < 1_000_000)
                number = (10 * Math.Max(number, 0)) + (character - '0');
            else if (Unit(character) is { } unit && (unit == 0) == (number < 0))
                (seconds, number) = (seconds + (unit * Math.Max(number, 0)), -1);
            else
                return null;
        }

        return number < 0 && seconds < MaxDuration ? TimeSpan.FromSeconds(seconds) : null;
    }

    // T only separates days from hours.
    private static long? Unit(char character) => char.ToUpperInvariant(character) switch
    {
        'W' => 7 * 24 * 3600,
        'D' => 24 * 3600,
        'H' => 3600,
        'M' => 60,
        'S' => 1,
        'T' => 0,
        _ => null,
    };
}
