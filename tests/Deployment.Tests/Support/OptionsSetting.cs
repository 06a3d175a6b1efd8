using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>One setting of an options class, in the notation of docs/configuration.md.</summary>
/// <param name="Name">As in <c>Section:Property</c>; <c>:n</c> stands for a place in a list.</param>
/// <param name="Types">The types that the document may name.</param>
/// <param name="Default">Null where the class has none and the document describes the effect.</param>
/// <param name="Limits">Null where no attribute has a range; the document may describe limits.</param>
internal sealed record OptionsSetting(string Name, string[] Types, string? Default, string? Limits)
{
    public static IReadOnlyList<OptionsSetting> All { get; } =
    [
        .. typeof(ConsumerOptions).Assembly.GetTypes().OrderBy(type => type.Name, StringComparer.Ordinal).SelectMany(type =>
            type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is string section ? Of(type, section) : []),
        .. Of(typeof(MailboxOptions), "Mailboxes:n"),
    ];

    private static IEnumerable<OptionsSetting> Of(Type type, string section)
    {
        var defaults = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (StrictBinder.IsSection(property.PropertyType))
            {
                foreach (var part in Of(property.PropertyType, $"{section}:{property.Name}"))
                    yield return part;
                continue;
            }

            var isList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));
            var range = property.GetCustomAttribute<RangeAttribute>();
            yield return new OptionsSetting(
                $"{section}:{property.Name}{(isList ? ":n" : "")}",
                TypesOf(property, isList),
                isList ? null : Text(property.GetValue(defaults)),
                range is null ? null : $"{Text(range.Minimum)} – {Text(range.Maximum)}");
        }
    }

    private static string[] TypesOf(PropertyInfo property, bool isList)
    {
        var type = isList ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool))
            return ["bool"];
        if (type == typeof(TimeSpan))
            return ["time"];
        if (type == typeof(double))
            return ["ratio"];
        if (type == typeof(int) || type == typeof(long))
            return [property.Name.Contains("Bytes", StringComparison.Ordinal) ? "bytes" : "number"];
        return ["text", "file", "folder"];
    }

    private static string? Text(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag ? "true" : "false",
        // RangeAttribute stores the limits of a long as double.
        double number => number.ToString(number == Math.Floor(number) ? "F0" : "R", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
