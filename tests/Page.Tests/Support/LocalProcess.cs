using System.Text.Json;
using System.Text.RegularExpressions;
using EmailIngestion.DevServers;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>Local as a process of its own, as somebody starts it in a terminal.</summary>
internal sealed partial class LocalProcess : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly string _folder;

    private LocalProcess(ServerProcess process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>The address of the page that it printed.</summary>
    public Uri Page { get; private set; } = null!;

    public string Output => File.ReadAllText(Path.Combine(_folder, "output"));

    /// <summary>The function key in its data folder.</summary>
    public string Key => JsonSerializer.Deserialize<Dictionary<string, string>>(
        File.ReadAllText(Path.Combine(_folder, "keys.json")))!["default"];

    public static async Task<LocalProcess> StartAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("page-").FullName;
        var file = Path.Combine(folder, "settings.json");
        await File.WriteAllTextAsync(file, "{}");
        var process = ServerProcess.Start(
            "/usr/bin/env",
            [
                .. settings.Select(setting => $"{setting.Key.Replace(":", "__", StringComparison.Ordinal)}={setting.Value}"),
                "/bin/sh", "-c", "output=$1; shift; exec \"$@\" >\"$output\" 2>&1", "sh", Path.Combine(folder, "output"),
                "dotnet", Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Local.dll"), .. arguments, "--data", folder, "--port", "0",
                "--settings", file,
            ],
            TimeProvider.System);
        var local = new LocalProcess(process, folder);
        try
        {
            await Eventually.TrueAsync(
                () => process.HasExited
                    ? throw new InvalidOperationException($"Local ended:\n{local.Output}")
                    : Task.FromResult(File.Exists(Path.Combine(folder, "output")) && Printed().IsMatch(local.Output)),
                "Local prints its addresses");
        }
        catch
        {
            await local.DisposeAsync();
            throw;
        }

        local.Page = new Uri(Printed().Match(local.Output).Groups["page"].Value);
        return local;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // The first address, with its line complete.
    [GeneratedRegex(@"^  page\s+(?<page>http\S+)\n", RegexOptions.Multiline)]
    private static partial Regex Printed();
}
