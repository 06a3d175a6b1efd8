using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>
/// Verifies requests with the npm library of Standard Webhooks, run by node. Without node the tests are skipped on a developer's machine
/// and fail in CI.
/// </summary>
internal static class WebhookVerifier
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Processing", "verifier");

    private static readonly Lazy<Task> Installed = new(() => RunAsync("npm", ["ci", "--ignore-scripts", "--silent"], ""));

    /// <summary>Returns the library's result: <c>verified</c> and the email's id, or its error.</summary>
    public static async Task<string> VerifyAsync(Received request, string secret)
    {
        Require("node");
        Require("npm");
        await Installed.Value;
        var input = JsonSerializer.Serialize(new
        {
            headers = request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value),
            body = Convert.ToBase64String(request.Body),
            secret,
        });
        return (await RunAsync("node", ["verify.mjs"], input)).Trim();
    }

    private static void Require(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, program))))
            return;
        var missing = $"{program} is not installed: it runs the library that verifies signatures.";
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), missing);
        Assert.Fail(missing);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            using var end = new CancellationTokenSource(EndsWithin, TimeProvider.System);
            var output = process.StandardOutput.ReadToEndAsync(end.Token);
            var error = process.StandardError.ReadToEndAsync(end.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), end.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(end.Token);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await error}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
