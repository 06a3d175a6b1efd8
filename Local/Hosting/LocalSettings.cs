using System.Collections;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// The settings of this process: the <c>Values</c> of local.settings.json, under them the environment, under both the command line. Flat,
/// so that a command can choose among the mailboxes.
/// </summary>
internal sealed class LocalSettings
{
    private const string ValuesProperty = "Values";

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    public string? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[name] = value;
    }

    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>The file that was read; null if there was none.</summary>
    public string? File { get; private init; }

    public bool HasMailbox => _values.Keys.Any(name => name.StartsWith("Mailboxes:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether this process has mailboxes to poll.</summary>
    public bool Polls => HasMailbox && !string.Equals(this["Polling:Enabled"], "false", StringComparison.OrdinalIgnoreCase);

    public bool HasRedis => !string.IsNullOrEmpty(this["Streams:ConnectionString"]) || !string.IsNullOrEmpty(this["REDIS_HOST"]);

    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static LocalSettings Load(string file)
    {
        var settings = new LocalSettings { File = System.IO.File.Exists(file) ? file : null };
        if (settings.File is not null || Directory.Exists(file))
            settings.Read(file);
        // As `func start` does: the environment overrides the file.
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            settings[Name((string)variable.Key)] = (string?)variable.Value;
        return settings;
    }

    /// <summary>The mailboxes by number, each with its settings.</summary>
    public SortedDictionary<int, Dictionary<string, string?>> Mailboxes()
    {
        var mailboxes = new SortedDictionary<int, Dictionary<string, string?>>();
        foreach (var (name, value) in _values)
        {
            if (name.Split(':') is not [var section, var number, var setting]
                || !section.Equals("Mailboxes", StringComparison.OrdinalIgnoreCase)
                || !int.TryParse(number, out var index))
                continue;
            if (!mailboxes.TryGetValue(index, out var mailbox))
                mailboxes[index] = mailbox = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            mailbox[setting] = value;
        }

        return mailboxes;
    }

    /// <summary>Leaves this process one mailbox.</summary>
    public void SetOnlyMailbox(IReadOnlyDictionary<string, string?> mailbox)
    {
        foreach (var name in _values.Keys.Where(name => name.StartsWith("Mailboxes:", StringComparison.OrdinalIgnoreCase)).ToArray())
            _values.Remove(name);
        foreach (var (setting, value) in mailbox)
            _values[$"Mailboxes:0:{setting}"] = value;
    }

    private void Read(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(
                System.IO.File.ReadAllText(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new SettingsException(
                    $"{file} must be a JSON object with \"{ValuesProperty}\" in it, as local.settings.json.example is.");
            if (!json.RootElement.TryGetProperty(ValuesProperty, out var values))
                return;
            if (values.ValueKind != JsonValueKind.Object)
                throw new SettingsException(
                    $"\"{ValuesProperty}\" of {file} must be an object of names and values, as in local.settings.json.example.");
            foreach (var value in values.EnumerateObject())
                this[Name(value.Name)] = value.Value.ValueKind == JsonValueKind.String ? value.Value.GetString() : value.Value.GetRawText();
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{file} is not JSON: {BoundedText.Line(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{file} cannot be read: {PrivateFiles.Reason(e)}");
        }
    }

    private static string Name(string name) => name.Replace("__", ":", StringComparison.Ordinal);
}
