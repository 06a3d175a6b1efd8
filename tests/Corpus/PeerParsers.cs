using System.Diagnostics;
using System.Text.Json;
using EmailIngestion.DevServers;

namespace EmailIngestion.Corpus;

/// <summary>
/// A Node.js process that parses messages by mailparser and postal-mime. They are installed into a cache folder at the first use.
/// </summary>
internal sealed class PeerParsers : IAsyncDisposable
{
    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "email-ingestion-corpus");

    private readonly Process _process;

    private PeerParsers(Process process) => _process = process;

    public static async Task<PeerParsers> StartAsync(CancellationToken cancellationToken)
    {
        var node = ServerBinary.Require("node", "nodejs");
        var npm = ServerBinary.Require("npm", "npm");
        Directory.CreateDirectory(Cache);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Peers")))
            File.Copy(file, Path.Combine(Cache, Path.GetFileName(file)), overwrite: true);
        string[] arguments = ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"];
        using var install = Process.Start(new ProcessStartInfo(npm, arguments) { WorkingDirectory = Cache })!;
        await install.WaitForExitAsync(cancellationToken);
        if (install.ExitCode != 0)
            throw new InvalidOperationException($"npm install ended with {install.ExitCode} in {Cache}.");
        return new PeerParsers(Process.Start(new ProcessStartInfo(node, ["parse.mjs"])
        {
            WorkingDirectory = Cache,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    public async Task<PeerEmail[]> ParseAsync(byte[] raw, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(Convert.ToBase64String(raw).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"The parsers ended: {await _process.StandardError.ReadToEndAsync(cancellationToken)}");
        return JsonSerializer.Deserialize<PeerEmail[]>(line, JsonSerializerOptions.Web)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
