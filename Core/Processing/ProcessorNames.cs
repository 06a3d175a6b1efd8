namespace EmailIngestion.Processing;

/// <summary>Reads a setting that names processors: one name, or several with commas.</summary>
internal static class ProcessorNames
{
    private const char Separator = ',';

    public static bool IsValid(string name) => name.Length > 0 && !name.Contains(Separator) && name.Trim().Length == name.Length;

    /// <summary>Returns the registered names of a setting. A name that is not registered stays as it is written.</summary>
    public static IReadOnlyList<string> Read(string text, IReadOnlyCollection<string> known) =>
        [.. text.Split(Separator, StringSplitOptions.TrimEntries).Select(name => Find(name, known) ?? name)];

    /// <summary>Returns the fault of a setting; null if every name is registered.</summary>
    public static string? Fault(string setting, string text, IReadOnlyCollection<string> known)
    {
        var names = Read(text, known);
        var registered = string.Join(", ", known.Distinct(StringComparer.Ordinal));
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            return names.Count == 1
                ? $"{setting} is '{unknown}'; the registered processors are {registered}."
                : $"{setting} is '{text}' and names '{unknown}'; the registered processors are {registered}.";
        }

        return names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } repeated
            ? $"{setting} is '{text}' and names '{repeated.Key}' twice: name each processor once."
            : null;
    }

    // The name of a webhook is part of the names of its settings, and those ignore case.
    private static string? Find(string name, IReadOnlyCollection<string> known) =>
        known.Contains(name, StringComparer.Ordinal) ? name : known.FirstOrDefault(
            other => WebhookNames.IsNamed(other) && other.Equals(name, StringComparison.OrdinalIgnoreCase));
}
