using Microsoft.Extensions.Configuration;

namespace EmailIngestion;

/// <summary>Binds a section and refuses what it does not know: a misspelt setting would otherwise be a default that nobody asked for.</summary>
internal static class StrictBinder
{
    /// <exception cref="SettingsException">A setting is unknown, or its value is of the wrong kind.</exception>
    public static void Bind(IConfigurationSection section, object options)
    {
        var known = options.GetType().GetProperties().Select(property => property.Name).ToArray();
        foreach (var child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                throw new SettingsException($"{child.Path} is not a setting; {section.Path} has {string.Join(", ", known)}.");
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

    /// <exception cref="SettingsException">Likewise; or the section is not a list.</exception>
    public static IReadOnlyList<T> BindList<T>(IConfigurationSection section)
        where T : new()
    {
        var result = new List<T>();
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, out var index) || index != result.Count)
                throw new SettingsException($"{child.Path} is not a setting; {section.Path} is a list, numbered from {section.Path}:0 on without a gap.");
            var item = new T();
            Bind(child, item);
            result.Add(item);
        }

        return result;
    }
}
