using System.Globalization;

namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>The day of each year on which an observance begins, as "the last Sunday in March".</summary>
internal sealed record YearlyRule(int? Month, DayOfWeek? Weekday, int Ordinal, IReadOnlyList<int> MonthDays)
{
    private static readonly string[] Weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    /// <summary>Reads a recurrence rule and its last day. Other frequencies than yearly count as none.</summary>
    public static (YearlyRule? Rule, DateTime Last) Read(string? value)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in (value ?? "").Split(';', 16))
        {
            if (field.Split('=', 2) is [var name, var text])
                fields.TryAdd(name.Trim(), text.Trim());
        }

        if (!fields.GetValueOrDefault("FREQ", "").Equals("YEARLY", StringComparison.OrdinalIgnoreCase))
            return (null, DateTime.MaxValue);
        var (ordinal, weekday) = ByDay(fields.GetValueOrDefault("BYDAY", ""));
        var days = fields.GetValueOrDefault("BYMONTHDAY", "").Split(',', 32).Select(Number).Where(day => day is > 0 and < 32).ToList();
        var month = Number(fields.GetValueOrDefault("BYMONTH", ""));
        var rule = new YearlyRule(month is >= 1 and <= 12 ? month : null, weekday, ordinal, days);
        return (rule, CalendarTime.Local(fields.GetValueOrDefault("UNTIL", "")) ?? DateTime.MaxValue);
    }

    /// <summary>The day in a year; null when the year has none.</summary>
    public DateTime? Day(int year, DateTime first)
    {
        var month = Month ?? first.Month;
        var length = DateTime.DaysInMonth(year, month);
        if (Weekday is not { } weekday)
            return (MonthDays is [var only, ..] ? only : first.Day) is var day && day <= length ? new DateTime(year, month, day) : null;
        if (MonthDays.Count > 0)
            return MonthDays.Where(day => day <= length).Select(day => new DateTime(year, month, day))
                .Where(day => day.DayOfWeek == weekday).Cast<DateTime?>().FirstOrDefault();
        var ordinal = Ordinal == 0 ? 1 : Ordinal;
        var number = ordinal > 0
            ? 1 + (((int)weekday - (int)new DateTime(year, month, 1).DayOfWeek + 7) % 7) + (7 * (ordinal - 1))
            : length - (((int)new DateTime(year, month, length).DayOfWeek - (int)weekday + 7) % 7) + (7 * (ordinal + 1));
        return number >= 1 && number <= length ? new DateTime(year, month, number) : null;
    }

    private static (int Ordinal, DayOfWeek? Weekday) ByDay(string value)
    {
        var index = Array.FindIndex(Weekdays, day => value.EndsWith(day, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
            return (0, null);
        return (Number(value[..^2]) is >= -5 and <= 5 and var ordinal ? ordinal : 0, (DayOfWeek)index);
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
