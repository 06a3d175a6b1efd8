using System.Text.RegularExpressions;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Mailboxes.Settings;

/// <summary>
/// Resolves values of the form <c>%NAME%</c>: they stand for the setting NAME. The files of <c>SECRETS_FOLDER</c> are read again each time,
/// so that a new mailbox may refer to a new secret. Other sources override them, as at the start. <c>%%</c> at the beginning of a value
/// stands for one <c>%</c>.
/// </summary>
internal sealed partial class SettingReferences(IConfiguration configuration)
{
    // The configuration has the files as they were at the start. Such a value does not override what the files say now.
    private readonly IReadOnlyDictionary<string, string?> _atStart = SecretsAtStart(configuration);

    /// <summary>Returns the settings with what they refer to.</summary>
    /// <exception cref="SettingsException">A setting is missing, or the folder cannot be read.</exception>
    public Dictionary<string, string?> Resolve(Dictionary<string, string?> unresolved)
    {
        IReadOnlyDictionary<string, string?>? secrets = null;
        var settings = new Dictionary<string, string?>(unresolved, unresolved.Comparer);
        foreach (var (name, value) in unresolved)
        {
            if (value is null)
                continue;
            if (value.StartsWith("%%", StringComparison.Ordinal))
                settings[name] = value[1..];
            else if (Reference().Match(value) is { Success: true } reference)
                settings[name] = Find(reference.Groups["name"].Value, secrets ??= Secrets(configuration))
                    // The value is not printed: it may be a password that begins and ends so.
                    ?? throw new SettingsException(
                        $"{name} refers to a setting by its form %NAME%, but there is no setting of that name. "
                        + "If it is no reference, write its first % twice.");
        }

        return settings;
    }

    private string? Find(string name, IReadOnlyDictionary<string, string?> secrets)
    {
        var wanted = name.Replace("__", ":", StringComparison.Ordinal);
        var value = configuration[wanted];
        return value is null || value == _atStart.GetValueOrDefault(wanted) ? secrets.GetValueOrDefault(wanted) : value;
    }

    // A folder that cannot be read ends the start of a host where it reads its settings.
    private static IReadOnlyDictionary<string, string?> SecretsAtStart(IConfiguration configuration)
    {
        try
        {
            return Secrets(configuration);
        }
        catch (SettingsException)
        {
            return new Dictionary<string, string?>(StringComparer.Ordinal);
        }
    }

    private static IReadOnlyDictionary<string, string?> Secrets(IConfiguration configuration) =>
        configuration[SecretsFolder.Setting] is { Length: > 0 } folder
            ? SecretsFolder.Read(folder)
            : new Dictionary<string, string?>(StringComparer.Ordinal);

    [GeneratedRegex(@"\A%(?<name>[A-Za-z0-9_.:-]{1,200})%\z")]
    private static partial Regex Reference();
}
