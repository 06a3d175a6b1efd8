using System.Diagnostics;
using System.Globalization;

namespace EmailIngestion.DevServers;

/// <summary>Runs redis-cli, to build and inspect a set of servers.</summary>
internal static class RedisCli
{
    /// <summary>The environment variable that names another <c>redis-cli</c> than the installed one.</summary>
    public const string Variable = "REDIS_CLI";

    // A paused server accepts a connection and does not answer.
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Sends a command to the server on a port. Returns its answer, one line for each element, or the error text of redis-cli.
    /// </summary>
    public static Task<string> AskAsync(int port, CancellationToken ct, params string[] command) =>
        RunAsync(["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), .. command], ct);

    public static async Task<string> RunAsync(string[] arguments, CancellationToken ct)
    {
        var path = ServerBinary.Require("redis-cli", "redis-tools", Variable);
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(AnswersWithin);
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
