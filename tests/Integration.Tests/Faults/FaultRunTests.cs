using System.Diagnostics;
using Xunit;

namespace EmailIngestion.Integration.Tests.Faults;

/// <summary>A short run of the fault program on each kind of Redis. Alone: it needs the machine's time, and takes it from the others.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class FaultRuns;

[Collection(typeof(FaultRuns))]
public sealed class FaultRunTests
{
    [Theory]
    [InlineData("standalone")]
    [InlineData("sentinel")]
    [InlineData("cluster")]
    public async Task Under_fire_nothing_is_lost_and_nothing_done_twice_that_nothing_explains(string redis)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Faults.dll"), "--emails", "600", "--workers", "3", "--minutes", "0.25", "--seed", "7", "--redis", redis])
        {
            RedirectStandardOutput = true,
        };
        using var run = Process.Start(start)!;
        var output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, output);
    }
}
