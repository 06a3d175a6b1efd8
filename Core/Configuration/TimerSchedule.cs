using System.Globalization;
using NCrontab;

namespace EmailIngestion.Configuration;

/// <summary>
/// The schedule of a timer, in UTC: an NCRONTAB expression of five or six fields, or a time span, as the Functions host reads them.
/// </summary>
internal sealed class TimerSchedule
{
    private readonly CrontabSchedule? _crontab;
    private readonly TimeSpan _interval;

    private TimerSchedule(CrontabSchedule? crontab, TimeSpan interval)
    {
        _crontab = crontab;
        _interval = interval;
    }

    /// <param name="text">The expression, or <c>%SETTING%</c> for the value of a setting.</param>
    /// <param name="setting">Returns the value of a setting; null if it is missing.</param>
    /// <exception cref="SettingsException">The expression is not valid. The message names the setting.</exception>
    public static TimerSchedule Parse(string text, Func<string, string?> setting)
    {
        var name = text.Length > 2 && text[0] == '%' && text[^1] == '%' ? text[1..^1] : null;
        var expression = name is null ? text : setting(name) ?? throw new SettingsException(
            $"{name} is missing: it is the schedule of a timer, such as '0 * * * * *'.");
        var isSpan = TimeSpan.TryParse(expression, CultureInfo.InvariantCulture, out var interval)
            && expression.Contains(':', StringComparison.Ordinal);
        if (isSpan && interval > TimeSpan.Zero)
            return new TimerSchedule(null, interval);
        var fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        var options = new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 };
        if (!isSpan && CrontabSchedule.TryParse(expression, options) is { } crontab)
            return new TimerSchedule(crontab, default);
        throw new SettingsException(
            $"{name ?? "A timer's schedule"} is '{expression}': it must be NCRONTAB (second minute hour day month weekday), "
            + "such as '0 */5 * * * *', or a time span, such as '00:00:30'.");
    }

    public DateTime Next(DateTime after) => _crontab?.GetNextOccurrence(after) ?? after + _interval;
}
