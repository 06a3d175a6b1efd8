using EmailIngestion.Configuration;

namespace EmailIngestion.Functions;

/// <summary>
/// The folder that the Functions host runs the app in. Under <c>func start</c> it is the build's output: a folder made in it restarts the
/// host, and the next build deletes it. So no relative folder counts from it.
/// </summary>
internal sealed class ScriptRoot(string folder)
{
    /// <summary>The environment variable in which the host tells it.</summary>
    public const string Variable = "FUNCTIONS_APPLICATION_DIRECTORY";

    private const string SettingsFile = "local.settings.json";

    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>A setting's folder as an absolute path: a relative one counts from the local.settings.json above the script root.</summary>
    /// <param name="setting">The setting's name.</param>
    /// <param name="value">Its value; empty for none.</param>
    /// <param name="isUsed">Whether this process uses the folder.</param>
    /// <exception cref="SettingsException">The folder is used and relative, and there is no local.settings.json.</exception>
    public string Resolve(string setting, string value, bool isUsed)
    {
        if (value.Length == 0 || Path.IsPathFullyQualified(value))
            return value;
        // Not the script root itself: the build puts a copy of the file there.
        for (var parent = Path.GetDirectoryName(_folder); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(Path.Combine(parent, SettingsFile)))
                return Path.GetFullPath(value, parent);
        }

        return isUsed
            ? throw new SettingsException(
                $"{setting} is '{value}', a relative path, and no {SettingsFile} lies above {_folder} that it could count from: "
                + "give an absolute path.")
            : value;
    }
}
