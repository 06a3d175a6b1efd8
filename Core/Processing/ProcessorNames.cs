namespace EmailIngestion.Processing;

/// <summary>Reads a setting that names processors: one name, or several with commas.</summary>
internal static class ProcessorNames
{
    private const char Separator = ',';

    /// <summary>Returns the fault of the name of a processor of the user's own; null if it is valid.</summary>
    public static string? NameFault(string name)
    {
        if (name.Length == 0 || name.Trim().Length != name.Length)
            return $"'{name}' is not a name for a processor: it must not be empty, or begin or end with a space.";
        // Its settings would be checked as those of a webhook.
        if (name.AsSpan().IndexOfAny(Separator, ':') >= 0 || WebhookNames.IsWebhook(name.ToLowerInvariant()))
        {
            return $"'{name}' is not a name for a processor: "
                + $"it must have no '{Separator}' (between names) and no ':' (in names of webhooks), and not be '{WebhookNames.Unnamed}'.";
        }

        return null;
    }

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
