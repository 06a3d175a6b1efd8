using System.Globalization;
using System.Text.RegularExpressions;

namespace EmailIngestion.Messages.People;

/// <summary>
/// Reads a date with its time (RFC 5322 with its obsolete forms, ISO 8601, and what programs write instead). A date without a readable time
/// is no date: midnight would be made up.
/// </summary>
internal sealed partial class DateText
{
    // No date is longer, with a comment.
    private const int MaxLength = 500;
    private const int FirstYear = 1900;

    private int? _day;
    private int? _month;
    private int? _year;
    private TimeSpan? _time;
    private TimeSpan? _zone;
    private bool _isBroken;

    private DateText()
    {
    }

    /// <summary>The date with its offset, UTC when it has none; null when it cannot be read.</summary>
    public static DateTimeOffset? Read(string text)
    {
        var date = new DateText();
        var words = WithoutComments().Replace(BoundedText.Cut(text, MaxLength), " ");
        foreach (var word in words.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            date.Add(word);
        return date.Result();
    }

    private DateTimeOffset? Result()
    {
        if (_isBroken || _time is not { } time || _day is not { } day || _month is not { } month || _year is not { } year)
            return null;
        if (year is < FirstYear or >= 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return null;
        return new DateTimeOffset(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + time, _zone ?? TimeSpan.Zero);
    }

    private void Add(string word)
    {
        if (Iso().Match(word) is { Success: true } iso)
        {
            SetDate(iso, "year", "month", "day");
            if (iso.Groups["rest"].Length > 1)
                Add(iso.Groups["rest"].Value[1..]);
        }
        else if (Numbers().Match(word) is { Success: true } numbers)
        {
            SetNumbers(numbers, isDotted: word.Contains('.', StringComparison.Ordinal));
        }
        else if (Dashed().Match(word) is { Success: true } dashed)
        {
            Add(dashed.Groups["day"].Value);
            Add(dashed.Groups["month"].Value);
            Add(dashed.Groups["year"].Value);
        }
        else if (Clock().Match(word) is { Success: true } clock)
        {
            SetTime(clock);
        }
        else if (word.All(char.IsAsciiDigit))
        {
            SetNumber(word);
        }
        else
        {
            SetWord(word);
        }
    }

    private void SetDate(Match match, string year, string month, string day) =>
        (_year, _month, _day) = (Number(match, year), Number(match, month), Number(match, day));

    // 25/12/2026 has one reading, 02/03/2026 two. With dots the day is first.
    private void SetNumbers(Match match, bool isDotted)
    {
        var (first, second) = (Number(match, "first"), Number(match, "second"));
        if (isDotted || first > 12 || first == second)
            SetDate(match, "year", "second", "first");
        else if (second > 12)
            SetDate(match, "year", "first", "second");
        else
            _isBroken = true;
    }

    private void SetTime(Match match)
    {
        var (hour, minute, second) = (Number(match, "hour"), Number(match, "minute"), Number(match, "second"));
        _isBroken |= _time is not null || hour > 23 || minute > 59 || second > 60;
        // A leap second is read as the second before it.
        _time = new TimeSpan(hour, minute, Math.Min(second, 59));
        if (match.Groups["zone"].Length > 0)
            SetWord(match.Groups["zone"].Value);
    }

    private void SetNumber(string digits)
    {
        if (digits.Length > 4)
            _isBroken = true;
        else if (_day is null && digits.Length <= 2)
            _day = int.Parse(digits, CultureInfo.InvariantCulture);
        else if (_year is null)
            _year = Year(int.Parse(digits, CultureInfo.InvariantCulture), digits.Length);
        else if (_time is not null && _zone is null && digits.Length == 4)
            SetWord($"+{digits}");
        else
            _isBroken = true;
    }

    private void SetWord(string word)
    {
        if (_time is not null && DateWords.Zone(word) is { } zone)
        {
            // Of a number and a name for the zone the number counts.
            _zone = word is ['+' or '-', ..] ? zone : _zone ?? zone;
        }
        else if (word is ['+' or '-', ..])
        {
            _isBroken = true;
        }
        else if (_time is { } time && DateWords.Half(word) is { } half)
        {
            _isBroken |= time.Hours is < 1 or > 12;
            _time = new TimeSpan((time.Hours % 12) + half, time.Minutes, time.Seconds);
        }
        else if (_month is null)
        {
            _month = DateWords.Month(word);
        }
    }

    // Two digits are a year from 1950 to 2049, three digits count from 1900 (RFC 5322).
    private static int Year(int year, int digits) => digits switch
    {
        < 3 => year + (year < 50 ? 2000 : 1900),
        3 => year + 1900,
        _ => year,
    };

    private static int Number(Match match, string group) =>
        match.Groups[group] is { Length: > 0 } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\([^()]*\)?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex WithoutComments();

    [GeneratedRegex(
        @"^(?<year>[0-9]{4})[-/.](?<month>[0-9]{1,2})[-/.](?<day>[0-9]{1,2})(?<rest>[Tt].+)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Iso();

    [GeneratedRegex(
        "^(?<first>[0-9]{1,2})[-/.](?<second>[0-9]{1,2})[-/.](?<year>[0-9]{4})$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();

    [GeneratedRegex(
        @"^(?<day>[0-9]{1,2})[-/.](?<month>\p{L}{3,12})\.?[-/.](?<year>[0-9]{2,4})$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Dashed();

    [GeneratedRegex(
        "^(?<hour>[0-9]{1,2})[:.](?<minute>[0-9]{2})([:.](?<second>[0-9]{2})([.,:][0-9]{1,9})?)?(?<zone>[+-][0-9:]{2,6}|[A-Za-z]{1,5})?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Clock();
}
