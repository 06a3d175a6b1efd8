using EmailIngestion.Hostile;
using EmailIngestion.Hostile.Scripts;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

public sealed class FailingScriptTests
{
    [Fact]
    public async Task A_script_that_fails_at_any_command_changes_nothing()
    {
        var results = new List<ScenarioResult>();
        await foreach (var result in new ScriptPart().RunAsync(new HostileOptions(1, Quick: true), TestContext.Current.CancellationToken))
            results.Add(result);

        Assert.Empty(
            string.Join('\n', results.Where(result => result.Broken is not null).Select(result => $"{result.Scenario}: {result.Broken}")));
        Assert.Equal(ScriptPart.All.Count, results.Count);
    }
}
