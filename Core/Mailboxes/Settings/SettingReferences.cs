using System.Text.RegularExpressions;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Mailboxes.Settings;

/// <summary>
/// Resolves values of the form <c>%NAME%</c>: they stand for the setting NAME. The files of <c>SECRETS_FOLDER</c> are read again each time,
/// so that a new mailbox may refer to a new secret.
/// </summary>
internal sealed partial class SettingReferences(IConfiguration configuration)
{
    /// <exception cref="SettingsException">A setting is missing, or the folder cannot be read.</exception>
    public Dictionary<string, string?> Resolve(Dictionary<string, string?> settings)
    {
        IReadOnlyDictionary<string, string?>? secrets = null;
        foreach (var (name, value) in settings.ToArray())
        {
            if (value is null || Reference().Match(value) is not { Success: true } reference)
                continue;
            secrets ??= configuration[SecretsFolder.Setting] is { Length: > 0 } folder
                ? SecretsFolder.Read(folder)
                : new Dictionary<string, string?>(StringComparer.Ordinal);
            var wanted = reference.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal);
            settings[name] = secrets.GetValueOrDefault(wanted) ?? configuration[wanted]
                ?? throw new SettingsException($"{name} is {value}, but there is no setting {reference.Groups["name"].Value}.");
        }

        return settings;
    }

    [GeneratedRegex(@"\A%(?<name>[A-Za-z0-9_.:-]{1,200})%\z")]
    private static partial Regex Reference();
}
