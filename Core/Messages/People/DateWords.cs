using System.Globalization;

namespace EmailIngestion.Messages.People;

/// <summary>Reads the words of a date: months, zones, halves of a day.</summary>
internal static class DateWords
{
    // Beginnings of months: English, and those of German, French, Spanish and Italian that differ.
    private static readonly string[][] Months =
    [
        ["jan", "ene", "gen"], ["feb", "fév"], ["mar", "mär", "mrz"], ["apr", "avr", "abr"], ["may", "mai", "mag"], ["jun", "juin", "giu"],
        ["jul", "juil", "lug"], ["aug", "aoû", "ago"], ["sep", "set"], ["oct", "okt", "ott"], ["nov"], ["dec", "dez", "déc", "dic"],
    ];

    /// <summary>The month of a name from 1 on; null for another word.</summary>
    public static int? Month(string word)
    {
        var month = Array.FindIndex(Months, names => names.Any(name => word.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
        return month < 0 ? null : month + 1;
    }

    /// <summary>The hours that AM or PM adds; null for another word.</summary>
    public static int? Half(string word) => word.ToUpperInvariant() switch
    {
        "AM" or "A.M." => 0,
        "PM" or "P.M." => 12,
        _ => null,
    };

    /// <summary>
    /// The offset of a zone, by its number or its name; null for another word. Single characters are not dependable: they count as UTC
    /// (RFC 5322).
    /// </summary>
    public static TimeSpan? Zone(string word)
    {
        if (word is ['+' or '-', ..])
            return Offset(word);
        var name = word.ToUpperInvariant();
        if (name.Length > 3 && name[..3] is "GMT" or "UTC" && name[3] is '+' or '-')
            return Offset(name[3..]);
        return name switch
        {
            "UT" or "UTC" or "GMT" or "WET" => TimeSpan.Zero,
            [>= 'A' and <= 'Z'] => TimeSpan.Zero,
            "EDT" => TimeSpan.FromHours(-4),
            "EST" or "CDT" => TimeSpan.FromHours(-5),
            "CST" or "MDT" => TimeSpan.FromHours(-6),
            "MST" or "PDT" => TimeSpan.FromHours(-7),
            "PST" => TimeSpan.FromHours(-8),
            "CET" or "MET" or "MEZ" or "WEST" or "BST" => TimeSpan.FromHours(1),
            "CEST" or "MEST" or "MESZ" or "EET" => TimeSpan.FromHours(2),
            "EEST" or "MSK" => TimeSpan.FromHours(3),
            "JST" or "KST" => TimeSpan.FromHours(9),
            "AEST" => TimeSpan.FromHours(10),
            "AEDT" => TimeSpan.FromHours(11),
            _ => null,
        };
    }

    // +0200, +02:00, +2, +02; an offset beyond 14 hours is none.
    private static TimeSpan? Offset(string word)
    {
        var digits = word[1..].Replace(":", "", StringComparison.Ordinal);
        if (digits.Length is 0 or > 4 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var (hours, minutes) = digits.Length < 3 ? (number, 0) : (number / 100, number % 100);
        var offset = new TimeSpan(hours, minutes, 0);
        return minutes > 59 || offset > TimeSpan.FromHours(14) ? null : word[0] == '-' ? -offset : offset;
    }
}
