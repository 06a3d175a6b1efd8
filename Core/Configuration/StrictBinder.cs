using System.Collections;
using System.Reflection;
using EmailIngestion.Messages;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Configuration;

/// <summary>
/// Binds a section and rejects unknown settings: a misspelt setting would otherwise silently keep its default. A setting that is null, or a
/// list without items, counts as not set and keeps its default. An empty text is a value, which only a text can have.
/// </summary>
internal static class StrictBinder
{
    /// <exception cref="SettingsException">A setting is unknown, or its value has the wrong type.</exception>
    public static void Bind(IConfigurationSection section, object options)
    {
        var known = options.GetType().GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        var settings = section.GetChildren().ToArray();
        foreach (var child in settings)
        {
            if (!known.TryGetValue(child.Key, out var property))
                throw new SettingsException($"{child.Path} is not a setting; {section.Path} has {string.Join(", ", known.Keys)}.");
            if (IsSection(property.PropertyType))
                BindPart(child, property.GetValue(options)!);
            else
                Check(child, property);
        }

        // The binder reads all properties, also of a section without settings, as most are.
        if (settings.Length > 0)
            OnlyWithValues(section).Bind(options);
    }

    /// <exception cref="SettingsException">The section is not a list, a setting is unknown, or a value has the wrong type.</exception>
    public static IReadOnlyList<T> BindList<T>(IConfigurationSection section)
        where T : new()
    {
        CheckShape(section, isList: true);
        var result = new List<T>();
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, out var index) || index != result.Count)
            {
                throw new SettingsException(
                    $"{child.Path} is not a setting; {section.Path} is a list, numbered from {section.Path}:0 on without a gap.");
            }

            var item = new T();
            Bind(child, item);
            result.Add(item);
        }

        return result;
    }

    /// <summary>Whether a property has settings of its own.</summary>
    public static bool IsSection(Type type) =>
        type.IsClass && type != typeof(string) && !type.IsAssignableTo(typeof(IEnumerable)) && Nullable.GetUnderlyingType(type) is null;

    private static void BindPart(IConfigurationSection section, object options)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            var names = string.Join(", ", options.GetType().GetProperties().Select(property => property.Name));
            throw new SettingsException(
                $"{section.Path} is '{BoundedText.Line(section.Value, 100)}': it has no value, but the parts {names}.");
        }

        Bind(section, options);
    }

    private static void Check(IConfigurationSection setting, PropertyInfo property)
    {
        var isList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));
        CheckShape(setting, isList);
        if (!isList)
        {
            SettingValue.Check(setting, property.PropertyType, property);
            return;
        }

        foreach (var item in setting.GetChildren())
        {
            if (item.Value is null)
                throw new SettingsException($"{item.Path} has no value: give it one, or remove it.");
            SettingValue.Check(item, property.PropertyType.GetGenericArguments()[0], property);
        }
    }

    // The binder ignores both faults.
    private static void CheckShape(IConfigurationSection section, bool isList)
    {
        if (isList && !string.IsNullOrEmpty(section.Value))
        {
            throw new SettingsException(
                $"{section.Path} is '{BoundedText.Line(section.Value, 100)}': it must be a list, numbered from {section.Path}:0 on.");
        }

        if (!isList && section.GetChildren().FirstOrDefault() is { } part)
            throw new SettingsException($"{part.Path} is not a setting; {section.Path} is not a list and has no parts.");
    }

    // The binder would replace a default by a null.
    private static IConfigurationSection OnlyWithValues(IConfigurationSection section) => new ConfigurationBuilder()
        .AddInMemoryCollection(section.AsEnumerable().Where(setting => setting.Value is not null))
        .Build()
        .GetSection(section.Path);
}
