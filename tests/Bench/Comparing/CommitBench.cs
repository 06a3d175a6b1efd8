using System.Diagnostics;

namespace EmailIngestion.Bench.Comparing;

/// <summary>The benches of one commit, built in a temporary work tree of the repository.</summary>
internal sealed class CommitBench : IAsyncDisposable
{
    private readonly string _folder;

    private CommitBench(string commit, string folder) => (Commit, _folder) = (commit, folder);

    public string Commit { get; }

    /// <summary>The results so far.</summary>
    public List<BenchReport> Reports { get; } = [];

    /// <exception cref="BenchException">There is no such commit, or it does not build.</exception>
    public static async Task<CommitBench> BuildAsync(string commit, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("bench-").FullName, "tree");
        await RunAsync("git", ["worktree", "add", "--detach", "--quiet", folder, commit], Peers.Repository(), cancellationToken);
        var bench = new CommitBench(commit, folder);
        try
        {
            await RunAsync(
                "dotnet", ["build", "tests/Bench", "--configuration", "Release", "--verbosity", "quiet"], folder, cancellationToken);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one round.</summary>
    public async Task RoundAsync(BenchOptions options, CancellationToken cancellationToken) => Reports.Add(BenchJson.Read(await RunAsync(
        "dotnet",
        [
            Path.Combine("tests", "Bench", "bin", "Release", "net10.0", "EmailIngestion.Bench.dll"), .. options.Names,
            "--rounds", "1", "--json", .. options.Quick ? ["--quick"] : Array.Empty<string>(),
        ],
        _folder,
        cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await RunAsync("git", ["worktree", "remove", "--force", _folder], Peers.Repository(), CancellationToken.None);
        Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
    }

    private static async Task<string> RunAsync(
        string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output
                : throw new BenchException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
