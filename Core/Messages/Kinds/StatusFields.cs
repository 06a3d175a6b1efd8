namespace EmailIngestion.Messages.Kinds;

/// <summary>Reads groups of header-like fields, as in message/delivery-status (RFC 3464): blank lines separate the groups.</summary>
internal static class StatusFields
{
    private const int MaxGroups = 102;
    private const int MaxFields = 50;
    private const int MaxValue = 2_000;

    /// <summary>Reads the groups. Names match in any case; the first field of a name counts.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Read(string text)
    {
        var groups = new List<IReadOnlyDictionary<string, string>>();
        var group = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (groups.Count == MaxGroups)
                return groups;
            if (line.IsWhiteSpace())
            {
                if (group.Count > 0)
                    groups.Add(group);
                (group, last) = (group.Count > 0 ? new(StringComparer.OrdinalIgnoreCase) : group, null);
            }
            else if (line[0] is ' ' or '\t')
            {
                if (last is not null && group[last].Length < MaxValue)
                    group[last] = $"{group[last]} {line.Trim()}".Trim();
            }
            else if (line.IndexOf(':') is > 0 and var colon && group.Count < MaxFields)
            {
                var name = line[..colon].Trim().ToString();
                last = group.TryAdd(name, BoundedText.Cut(line[(colon + 1)..].Trim().ToString(), MaxValue)) ? name : null;
            }
            else
            {
                last = null;
            }
        }

        if (group.Count > 0)
            groups.Add(group);
        return groups;
    }
}
