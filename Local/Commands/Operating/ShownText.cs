using System.Globalization;
using EmailIngestion.Messages;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>
/// Makes text that a terminal shows as it is: without control characters, escape sequences and marks of direction, and never read as
/// markup. Subjects, senders and errors come from mail.
/// </summary>
internal static class ShownText
{
    public const int MaxMessage = 1000;

    private const int MaxCell = 120;
    private const int MaxTrace = 8192;

    private static readonly string[] Sizes = ["B", "KB", "MB", "GB", "TB"];

    private static readonly (double Seconds, string Unit)[] Units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];

    public static string Clean(string? text, int length = MaxCell) => BoundedText.Line(text ?? "", length);

    /// <summary>One cell of a table.</summary>
    public static Text Cell(string? text, Color? color = null) => new(Clean(text), new Style(color));

    /// <summary>A cell of several lines. Empty ones are left out.</summary>
    public static Text Cell(params string?[] lines) => new(
        string.Join('\n', lines.Select(line => Clean(line)).Where(line => line.Length > 0)));

    /// <summary>Several lines, such as a stack trace.</summary>
    public static Text Lines(string text) => new(BoundedText.Lines(text, MaxTrace));

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>The time of an ISO 8601 text; the cleaned text if it is none.</summary>
    public static string Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Time(time)
            : Clean(text);

    /// <summary>A short time in seconds: 0.012 s, 3.4 s.</summary>
    public static string Seconds(double? seconds) =>
        seconds is { } value ? $"{value.ToString(value < 1 ? "0.###" : "0.#", CultureInfo.InvariantCulture)} s" : "–";

    /// <summary>A duration in one unit: 34 s, 5 min, 3 h, 2 d.</summary>
    public static string Span(double? seconds)
    {
        if (seconds is not { } value)
            return "–";
        var (size, unit) = Units.FirstOrDefault(one => value >= one.Seconds, Units[^1]);
        return $"{Math.Floor(value / size).ToString(CultureInfo.InvariantCulture)} {unit}";
    }

    public static string Bytes(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        for (; size >= 1024 && unit < Sizes.Length - 1; unit++)
            size /= 1024;
        return $"{Number(size)} {Sizes[unit]}";
    }

    /// <summary>A count with its noun: "1 dead letter", "2 dead letters".</summary>
    public static string Count(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";
}
