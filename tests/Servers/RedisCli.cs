using System.Diagnostics;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>Runs redis-cli, to build a set of servers.</summary>
internal static class RedisCli
{
    /// <summary>The environment variable that names another <c>redis-cli</c> than the installed one.</summary>
    public const string Variable = "REDIS_CLI";

    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    /// <summary>Returns what it printed; an empty text if it does not end.</summary>
    public static async Task<string> RunAsync(string[] arguments, CancellationToken ct)
    {
        var path = ServerBinary.Require("redis-cli", "redis-tools", Variable);
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(EndsWithin);
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var answer = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (answer + await error).Trim();
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            ct.ThrowIfCancellationRequested();
            return "";
        }
    }
}
