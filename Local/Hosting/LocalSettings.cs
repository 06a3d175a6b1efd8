using System.Collections;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// The settings of this process: the <c>Values</c> of local.settings.json, overridden by the files of <c>SECRETS_FOLDER</c>, overridden by
/// the environment, overridden by the command line. They are flat, so that a command can select a mailbox.
/// </summary>
internal sealed class LocalSettings
{
    private const string ValuesProperty = "Values";
    private const string FileSetting = EmailIngestion.Mailboxes.Settings.MailboxesFile.Setting;

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    public string? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[name] = value;
    }

    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>The settings file; null if there is none.</summary>
    public string? File { get; private init; }

    /// <summary>The file of further mailboxes; null if there is none.</summary>
    public string? MailboxesFile => string.IsNullOrEmpty(this[FileSetting]) ? null : this[FileSetting];

    public bool HasMailbox =>
        MailboxesFile is not null || _values.Keys.Any(name => name.StartsWith("Mailboxes:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether this process polls mailboxes.</summary>
    public bool Polls => HasMailbox && !string.Equals(this["Polling:Enabled"], "false", StringComparison.OrdinalIgnoreCase);

    public bool HasRedis => !string.IsNullOrEmpty(this["Streams:ConnectionString"]) || !string.IsNullOrEmpty(this["REDIS_HOST"]);

    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static LocalSettings Load(string file)
    {
        var settings = new LocalSettings { File = System.IO.File.Exists(file) ? file : null };
        if (settings.File is not null || Directory.Exists(file))
            settings.Read(file);
        if ((Environment.GetEnvironmentVariable(SecretsFolder.Setting) ?? settings[SecretsFolder.Setting]) is { Length: > 0 } secrets)
        {
            foreach (var (name, value) in SecretsFolder.Read(secrets))
                settings[name] = value;
        }

        // The environment overrides the file, as under `func start`.
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            settings[Name((string)variable.Key)] = (string?)variable.Value;
        return settings;
    }

    /// <summary>The settings of each mailbox, by its number.</summary>
    public SortedDictionary<int, Dictionary<string, string?>> Mailboxes()
    {
        var mailboxes = new SortedDictionary<int, Dictionary<string, string?>>();
        foreach (var (name, value) in _values)
        {
            if (name.Split(':', 3) is not [var section, var position, var setting]
                || !section.Equals("Mailboxes", StringComparison.OrdinalIgnoreCase)
                || !int.TryParse(position, out var index))
                continue;
            if (!mailboxes.TryGetValue(index, out var mailbox))
                mailboxes[index] = mailbox = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            mailbox[setting] = value;
        }

        return mailboxes;
    }

    /// <summary>Replaces all mailboxes by one.</summary>
    public void SetOnlyMailbox(IReadOnlyDictionary<string, string?> mailbox)
    {
        foreach (var name in _values.Keys.Where(name => name.StartsWith("Mailboxes:", StringComparison.OrdinalIgnoreCase)).ToArray())
            _values.Remove(name);
        _values.Remove(FileSetting);
        foreach (var (setting, value) in mailbox)
            _values[$"Mailboxes:0:{setting}"] = value;
    }

    private void Read(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(
                System.IO.File.ReadAllText(file),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new SettingsException(
                    $"{file} must be a JSON object with \"{ValuesProperty}\" in it, as local.settings.json.example is.");
            if (!json.RootElement.TryGetProperty(ValuesProperty, out var values))
                return;
            if (values.ValueKind != JsonValueKind.Object)
                throw new SettingsException(
                    $"\"{ValuesProperty}\" of {file} must be an object of names and values, as in local.settings.json.example.");
            foreach (var value in values.EnumerateObject())
            {
                this[Name(value.Name)] = value.Value.ValueKind switch
                {
                    JsonValueKind.Null => null,
                    JsonValueKind.String => value.Value.GetString(),
                    _ => value.Value.GetRawText(),
                };
            }
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
