using System.Diagnostics;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench;

/// <summary>
/// The programs that the product is measured against. They are installed on first use, from Debian packages and, for BullMQ and imapflow,
/// into a cache folder. They are not part of the product.
/// </summary>
internal sealed class Peers
{
    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "email-ingestion-bench");

    private readonly Dictionary<string, string> _installed = [];

    /// <summary>Starts a script of a package of npm.</summary>
    public async Task<SideProcess> StartScriptAsync(
        string package, string script, object[] arguments, CancellationToken cancellationToken)
    {
        if (!_installed.TryGetValue(package, out var folder))
            folder = _installed[package] = await InstallAsync(package, cancellationToken);
        return SideProcess.Node(folder, script, arguments);
    }

    /// <summary>Returns the path of a program. Installs its Debian package if it is missing.</summary>
    public static async Task<string> ProgramAsync(string program, string package, CancellationToken cancellationToken)
    {
        if (ServerBinary.Find(program) is { } found)
            return found;
        await RunAsync("bash", ["-c", $". tools/install.sh; need_packages {package}"], Repository(), cancellationToken);
        return ServerBinary.Require(program, package);
    }

    /// <summary>The folder of the sources from which this program was built.</summary>
    public static string Repository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "IngestionFunctions.sln")))
                return folder;
        }

        throw new BenchException("No folder above this program has the sources.");
    }

    private static async Task<string> InstallAsync(string package, CancellationToken cancellationToken)
    {
        await ProgramAsync("node", "nodejs", cancellationToken);
        var npm = await ProgramAsync("npm", "npm", cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(Cache, package)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Peers", package)))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        await RunAsync(npm, ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], folder, cancellationToken);
        return folder;
    }

    private static async Task RunAsync(string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        // The output of the installation goes to the standard error. The standard output is for the result.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new BenchException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }
}
