using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Faults;

/// <summary>Runs the fault program for a short time on each kind of Redis.</summary>
[Collection(typeof(RunsAlone))]
public sealed class FaultRunTests
{
    [Theory]
    [InlineData("standalone")]
    [InlineData("sentinel")]
    [InlineData("cluster")]
    public async Task Under_faults_nothing_is_lost_and_every_repeat_is_explained(string redis)
    {
        using var run = ProgramRun.Start(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Faults.dll"),
                "--emails", "600", "--workers", "3", "--minutes", "0.25", "--seed", "7", "--redis", redis,
            ]);
        var (code, output, error) = await run.EndAsync(TimeSpan.FromMinutes(10));

        Assert.True(code == 0, $"{output}{error}");
    }
}
