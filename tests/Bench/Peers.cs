using System.Diagnostics;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench;

/// <summary>What ours is measured beside. Installed when first asked for, and no part of the product: Debian packages, and a cache folder for BullMQ.</summary>
internal sealed class Peers
{
    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "email-ingestion-bench");

    private string? _bullMq;

    /// <summary>Starts one of BullMQ's scripts.</summary>
    public async Task<SideProcess> StartScriptAsync(string script, int[] arguments, CancellationToken cancellationToken)
    {
        _bullMq ??= await InstallBullMqAsync(cancellationToken);
        return SideProcess.Node(_bullMq, script, arguments);
    }

    /// <summary>The path of a program, from its Debian package if it is not there.</summary>
    public static async Task<string> ProgramAsync(string program, string package, CancellationToken cancellationToken)
    {
        if (ServerBinary.Find(program) is { } found)
            return found;
        await RunAsync("bash", ["-c", $". tools/install.sh; need_packages {package}"], Repository(), cancellationToken);
        return ServerBinary.Require(program, package);
    }

    private static async Task<string> InstallBullMqAsync(CancellationToken cancellationToken)
    {
        await ProgramAsync("node", "nodejs", cancellationToken);
        var npm = await ProgramAsync("npm", "npm", cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(Cache, "bullmq")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Peers", "bullmq")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        await RunAsync(npm, ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], folder, cancellationToken);
        return folder;
    }

    private static string Repository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "IngestionFunctions.sln")))
                return folder;
        }

        throw new BenchException("The sources are not above this program, so tools/install.sh cannot be found.");
    }

    private static async Task RunAsync(string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        // What it says goes where progress goes: the standard output is for the result.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new BenchException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }
}
