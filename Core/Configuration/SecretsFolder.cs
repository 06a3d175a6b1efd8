using EmailIngestion.Messages;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Configuration;

/// <summary>
/// Reads settings from a folder of files, such as a mounted Kubernetes Secret: each file is one setting. <c>__</c> in a file's name stands
/// for <c>:</c>, and a line end after the value does not count. A value cannot end in a carriage return: it would count as a line end.
/// Files whose names begin with a dot are ignored, so the folders behind the links of Kubernetes are too.
/// </summary>
internal static class SecretsFolder
{
    /// <summary>The setting that names the folder.</summary>
    public const string Setting = "SECRETS_FOLDER";

    // A Kubernetes Secret has at most 1 MiB.
    private const long MaxBytes = 1024 * 1024;

    /// <summary>Reads the folder's settings.</summary>
    /// <exception cref="SettingsException">The folder or a file in it cannot be read.</exception>
    public static IReadOnlyDictionary<string, string?> Read(string folder)
    {
        try
        {
            if (!Directory.Exists(folder))
                throw new SettingsException($"{Setting} is {folder}, but there is no such folder.");
            if (new DirectoryInfo(folder).EnumerateFiles().FirstOrDefault(IsTooLarge) is { } large)
                throw new SettingsException($"{Setting}: {large.FullName} has more than {MaxBytes} bytes.");
            var files = new ConfigurationBuilder().AddKeyPerFile(Path.GetFullPath(folder), optional: false).Build();
            using (files as IDisposable)
            {
                return files.AsEnumerable().Where(setting => setting.Value is not null)
                    .ToDictionary(setting => setting.Key, setting => WithoutReturn(setting.Value), StringComparer.OrdinalIgnoreCase);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{Setting} is {folder}, which cannot be read: {BoundedText.Line(e.Message)}");
        }
    }

    // The provider removes the line end of this machine. A file from Windows has a carriage return before it.
    private static string? WithoutReturn(string? value) => value is [.. var text, '\r'] ? text : value;

    // The length of a link is not that of its target.
    private static bool IsTooLarge(FileInfo file) =>
        !file.Name.StartsWith('.')
        && (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file) is { Exists: true, Length: > MaxBytes };
}
