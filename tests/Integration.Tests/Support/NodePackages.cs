using System.Diagnostics;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(NodePackages))]

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// The npm packages of tests/Node, in the versions of its lock file. They are installed when a test first needs them, into tests/Node. A
/// test that needs them is skipped where node or npm is missing; test.sh installs both.
/// </summary>
public sealed class NodePackages : IDisposable
{
    private static readonly TimeSpan InstallsWithin = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _once = new(1);
    private string? _folder;

    /// <summary>Returns the folder tests/Node, in which node finds the packages. Installs them if they are missing.</summary>
    public async Task<string> FolderAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(ServerBinary.Find("node") is null, "node is missing (Debian package nodejs).");
        Assert.SkipWhen(ServerBinary.Find("npm") is null, "npm is missing (Debian package npm).");
        await _once.WaitAsync(cancellationToken);
        try
        {
            return _folder ??= await InstallAsync(Path.Combine(Repository(), "tests", "Node"), cancellationToken);
        }
        finally
        {
            _once.Release();
        }
    }

    public void Dispose() => _once.Dispose();

    private static async Task<string> InstallAsync(string folder, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(InstallsWithin);
        await using var exclusive = await LockAsync(Path.Combine(folder, ".installing"), deadline.Token);
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"), deadline.Token);
        // npm ci deletes node_modules first. A copy of the lock file in it therefore shows a complete installation.
        var installed = Path.Combine(folder, "node_modules", ".installed.json");
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed, deadline.Token) == wanted)
            return folder;
        await RunNpmAsync(folder, deadline.Token);
        await File.WriteAllTextAsync(installed, wanted, deadline.Token);
        return folder;
    }

    // Another run of the tests may install them at this moment.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(AskEvery, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task RunNpmAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(ServerBinary.Require("npm", "npm"), ["ci", "--silent", "--loglevel=error"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start)!;
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = npm.StandardError.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            Assert.True(npm.ExitCode == 0, $"npm ci in {folder} ended with {npm.ExitCode}:\n{await output}{await error}");
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Repository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "IngestionFunctions.sln")))
                return folder;
        }

        throw new FileNotFoundException("IngestionFunctions.sln is in no folder above the tests.");
    }
}
