using System.Diagnostics;
using Xunit;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>Runs programs for tests. A missing program skips the test on a developer's machine and fails it in CI.</summary>
internal static class Tool
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    public static string? Find(params string[] names) => names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    public static string Require(params string[] names)
    {
        if (Find(names) is { } path)
            return path;
        var missing = $"None of these is on PATH: {string.Join(", ", names)}.";
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 })
            Assert.Fail(missing);
        Assert.Skip(missing);
        throw new UnreachableException();
    }

    /// <summary>Runs a program to its end, for at most two minutes. A failure shows both of its outputs.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await Task.WhenAll(process.WaitForExitAsync(cancellationToken), output, error)
                .WaitAsync(EndsWithin, TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(
            process.ExitCode == 0,
            $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await error}");
        return await output;
    }
}
