using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using EmailIngestion.Messages;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Configuration;

/// <summary>
/// Checks that the text of a setting can be read as its type. The binder alone ignores a wrong item of a list, and its messages name types
/// of .NET.
/// </summary>
internal static class SettingValue
{
    /// <param name="setting">The setting, or an item of its list.</param>
    /// <param name="type">The type to read it as.</param>
    /// <param name="property">The property of the options, for the limits in the message.</param>
    /// <exception cref="SettingsException">The text cannot be read. An empty text is only a text.</exception>
    public static void Check(IConfigurationSection setting, Type type, PropertyInfo property)
    {
        // The binder reads an empty text as null where the type allows it.
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (setting.Value is not { } text)
            return;
        try
        {
            _ = setting.Get(type);
        }
        catch (InvalidOperationException)
        {
            throw new SettingsException($"{setting.Path} is '{BoundedText.Line(text, 100)}': it must be {Wanted(type, property)}.");
        }
    }

    private static string Wanted(Type type, PropertyInfo property)
    {
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type))}";
        if (type == typeof(bool))
            return "true or false";
        var range = property.GetCustomAttribute<RangeAttribute>() is { } limits
            ? string.Create(CultureInfo.InvariantCulture, $" between {limits.Minimum} and {limits.Maximum}")
            : "";
        if (type == typeof(TimeSpan))
            return $"a time{range}, written hh:mm:ss or d.hh:mm:ss";
        return type == typeof(double) ? $"a number{range}" : $"a whole number{range}";
    }
}
