using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Faults;

/// <summary>
/// Runs the fault program for a short time on each kind of Redis, two at once: each has up to twenty processes, which mostly wait.
/// </summary>
[Collection(typeof(RunsAlone))]
public sealed class FaultRunTests
{
    private static readonly string[][] Modes = [["standalone"], ["sentinel"], ["cluster"], ["standalone", "--after"]];

    [Fact]
    public async Task Under_faults_nothing_is_lost_and_every_repeat_is_explained()
    {
        var results = new List<(int Code, string Text)>();
        foreach (var modes in Modes.Chunk(2))
            results.AddRange(await Task.WhenAll(modes.Select(RunAsync)));

        var failed = results.Where(result => result.Code != 0).Select(result => result.Text);
        Assert.True(!failed.Any(), string.Concat(failed));
    }

    private static async Task<(int Code, string Text)> RunAsync(string[] mode)
    {
        using var run = ProgramRun.Start(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Faults.dll"),
                "--emails", "600", "--workers", "3", "--minutes", "0.25", "--seed", "7", "--redis", .. mode,
            ]);
        var (code, output, error) = await run.EndAsync(TimeSpan.FromMinutes(25));
        return (code, $"{output}{error}");
    }
}
