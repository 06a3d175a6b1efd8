using EmailIngestion.Integration.Tests.Support;
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
        using var run = ProgramRun.Start(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Faults.dll"), "--emails", "600", "--workers", "3", "--minutes", "0.25", "--seed", "7", "--redis", redis]);
        var (code, output, error) = await run.EndAsync(TimeSpan.FromMinutes(10));

        Assert.True(code == 0, $"{output}{error}");
    }
}
