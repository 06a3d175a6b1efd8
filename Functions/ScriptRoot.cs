using EmailIngestion.Configuration;

namespace EmailIngestion.Functions;

/// <summary>
/// The folder in which the Functions host runs the app. Under <c>func start</c> it is the build's output: creating a folder there restarts
/// the host, and the next build deletes the folder. So no relative path counts from it.
/// </summary>
internal sealed class ScriptRoot(string folder)
{
    /// <summary>The environment variable in which the host passes the folder.</summary>
    public const string Variable = "FUNCTIONS_APPLICATION_DIRECTORY";

    private const string SettingsFile = "local.settings.json";

    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>
    /// Makes a setting's folder absolute. A relative path counts from the folder of the local.settings.json above the script root.
    /// </summary>
    /// <param name="setting">The setting's name.</param>
    /// <param name="value">Its value; empty for none.</param>
    /// <param name="isUsed">Whether this process uses the folder.</param>
    /// <exception cref="SettingsException">The folder is used and relative, and no local.settings.json is found.</exception>
    public string Resolve(string setting, string value, bool isUsed)
    {
        if (value.Length == 0 || Path.IsPathFullyQualified(value))
            return value;
        // The script root itself is skipped, because the build copies the file there.
        for (var parent = Path.GetDirectoryName(_folder); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(Path.Combine(parent, SettingsFile)))
                return Path.GetFullPath(value, parent);
        }

        return isUsed
            ? throw new SettingsException(
                $"{setting} is '{value}', a relative path, and no {SettingsFile} is in a folder above {_folder}: "
                + "give an absolute path.")
            : value;
    }
}
