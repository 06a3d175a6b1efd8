namespace EmailIngestion.Messages.Authentication;

/// <summary>One result of an Authentication-Results field, as the server wrote it.</summary>
/// <param name="Method">The method in lower case, such as <c>spf</c>.</param>
/// <param name="Result">The result in lower case, such as <c>pass</c>.</param>
internal sealed record AuthenticationResult(string Method, string Result)
{
    private const int MaxProperties = 50;

    private readonly Dictionary<string, string> _properties = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The comment after the result; null when there is none.</summary>
    public string? Comment { get; set; }

    /// <summary>The value of a property, such as <c>header.d</c>; null when there is none.</summary>
    public string? Property(string name) => _properties.GetValueOrDefault(name);

    /// <summary>Adds a property. The first one of a name counts.</summary>
    public void Add(string name, string value)
    {
        if (_properties.Count < MaxProperties)
            _properties.TryAdd(name, value);
    }
}
