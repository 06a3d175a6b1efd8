namespace EmailIngestion.Messages.Authentication;

/// <summary>The tags of a DKIM-Signature or of a key record (RFC 6376, section 3.2): name=value pairs between semicolons.</summary>
internal sealed class DkimTags
{
    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);

    private DkimTags()
    {
    }

    /// <summary>The value of a tag without white space; null when there is none.</summary>
    public string? this[string name] => _tags.GetValueOrDefault(name);

    /// <summary>Reads tags. The first one of a name counts.</summary>
    public static DkimTags Read(string text)
    {
        var tags = new DkimTags();
        foreach (var range in text.AsSpan().Split(';'))
        {
            var tag = text[range];
            var equals = tag.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                continue;
            var value = string.Concat(tag[(equals + 1)..].Where(character => !char.IsWhiteSpace(character)));
            tags._tags.TryAdd(tag[..equals].Trim(), value);
        }

        return tags;
    }

    /// <summary>Whether a list of values between colons has this one. A missing list has every value.</summary>
    public bool Allows(string name, params ReadOnlySpan<string> values)
    {
        if (this[name] is not { } list)
            return true;
        foreach (var value in values)
        {
            if (HasValue(list, value))
                return true;
        }

        return false;
    }

    /// <summary>Whether a list of values between colons has this one. A missing list has none.</summary>
    public bool Has(string name, string value) => this[name] is { } list && HasValue(list, value);

    private static bool HasValue(string list, string value) => list.Split(':').Contains(value, StringComparer.OrdinalIgnoreCase);
}
