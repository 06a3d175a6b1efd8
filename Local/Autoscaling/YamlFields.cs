using System.Globalization;
using EmailIngestion.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>One mapping of a manifest. A missing, unknown or wrong field becomes one line that names it.</summary>
internal sealed class YamlFields(YamlMappingNode node, string path, string file)
{
    public string Path => path;

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value is { Length: > 0 } text ? text : null,
        _ => throw Fail(name, "must be a text"),
    };

    public string RequiredText(string name) => Text(name) ?? throw Fail(name, "is missing");

    /// <summary>A value of a string map, in which Kubernetes refuses what YAML reads as a number or a boolean.</summary>
    public string? QuotedText(string name)
    {
        var text = Text(name);
        return text is not null && Find(name) is YamlScalarNode { Style: ScalarStyle.Plain } && IsOtherThanText(text)
            ? throw Fail(name, $"must be a text: \"{text}\", with quotation marks")
            : text;
    }

    public int? Number(string name, int least, int most = int.MaxValue)
    {
        if (Text(name) is not { } text)
            return null;
        if (Find(name) is not YamlScalarNode { Style: ScalarStyle.Plain }
            || !int.TryParse(text, CultureInfo.InvariantCulture, out var number))
            throw Fail(name, $"must be a whole number without quotation marks, and is {text}");
        if (number < least || number > most)
            throw Fail(name, $"is {number}: it must be {(most == int.MaxValue ? $"{least} or more" : $"between {least} and {most}")}");
        return number;
    }

    public int RequiredNumber(string name, int least, int most = int.MaxValue) =>
        Number(name, least, most) ?? throw Fail(name, "is missing");

    public TimeSpan? Seconds(string name, int least, int most = int.MaxValue) =>
        Number(name, least, most) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public YamlFields? Fields(string name) => Find(name) switch
    {
        null => null,
        YamlMappingNode fields => new YamlFields(fields, Below(name), file),
        _ => throw Fail(name, "must have fields"),
    };

    public YamlFields RequiredFields(string name) => Fields(name) ?? throw Fail(name, "is missing");

    /// <summary>A list of mappings; null if there is none.</summary>
    public IReadOnlyList<YamlFields>? List(string name) => Find(name) switch
    {
        null => null,
        YamlSequenceNode list => [.. list.Select((item, index) => item is YamlMappingNode fields
            ? new YamlFields(fields, $"{Below(name)}[{index}]", file)
            : throw Fail($"{name}[{index}]", "must have fields"))],
        _ => throw Fail(name, "must be a list"),
    };

    /// <summary>Refuses every other field, so that a misspelt field does not silently become its default.</summary>
    public void Only(params IReadOnlyCollection<string> known)
    {
        foreach (var name in Names)
        {
            if (!known.Contains(name))
                throw Fail(name, $"is not known; {Nearest(name, known)} is");
        }
    }

    public IEnumerable<string> Names => node.Children.Keys.Select(key => (key as YamlScalarNode)?.Value ?? "");

    public SettingsException Fail(string name, string why) => new($"{file}: {Below(name)} {why}.");

    private YamlNode? Find(string name)
    {
        // null, ~ and an empty value mean that the field is absent.
        var found = node.Children.FirstOrDefault(child => child.Key is YamlScalarNode key && key.Value == name).Value;
        return found is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } ? null : found;
    }

    private string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Nearest(string name, IEnumerable<string> known) => known.MaxBy(other => Likeness(name, other))!;

    private static int Likeness(string name, string other) => other.Equals(name, StringComparison.OrdinalIgnoreCase)
        ? int.MaxValue
        : other.Zip(name).TakeWhile(pair => pair.First == pair.Second).Count();

    private static bool IsOtherThanText(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out _) || bool.TryParse(text, out _);
}
