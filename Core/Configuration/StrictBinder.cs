using System.Collections;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Configuration;

/// <summary>Binds a section and rejects unknown settings: a misspelt setting would otherwise silently keep its default.</summary>
internal static class StrictBinder
{
    /// <exception cref="SettingsException">A setting is unknown, or its value has the wrong type.</exception>
    public static void Bind(IConfigurationSection section, object options)
    {
        var known = options.GetType().GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
                throw new SettingsException($"{child.Path} is not a setting; {section.Path} has {string.Join(", ", known.Keys)}.");
            CheckShape(child, isList: property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)));
        }

        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException(e.Message.ReplaceLineEndings(" "));
        }
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

    // The binder ignores both faults.
    private static void CheckShape(IConfigurationSection section, bool isList)
    {
        if (isList && !string.IsNullOrEmpty(section.Value))
            throw new SettingsException($"{section.Path} is '{section.Value}': it must be a list, numbered from {section.Path}:0 on.");
        if (!isList && section.GetChildren().FirstOrDefault() is { } part)
            throw new SettingsException($"{part.Path} is not a setting; {section.Path} is not a list and has no parts.");
    }
}
