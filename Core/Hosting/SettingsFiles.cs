using EmailIngestion.Configuration;
using EmailIngestion.Mailboxes.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace EmailIngestion.Hosting;

/// <summary>Adds the settings that come from files.</summary>
public static class SettingsFiles
{
    /// <summary>
    /// Adds the files of the folder <c>SECRETS_FOLDER</c> as settings. Every other source overrides them. The
    /// path in <c>MAILBOXES_FILE</c> becomes absolute.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="resolve">Makes a path absolute, from the setting's name and value.</param>
    /// <exception cref="SettingsException">The folder or a file in it cannot be read.</exception>
    public static void AddSettingsFiles(this IConfigurationManager configuration, Func<string, string, string> resolve)
    {
        if (configuration[MailboxesFile.Setting] is { Length: > 0 } file)
            configuration[MailboxesFile.Setting] = resolve(MailboxesFile.Setting, file);
        if (configuration[SecretsFolder.Setting] is not { Length: > 0 } folder)
            return;
        configuration[SecretsFolder.Setting] = folder = resolve(SecretsFolder.Setting, folder);
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = SecretsFolder.Read(folder) });
    }
}
