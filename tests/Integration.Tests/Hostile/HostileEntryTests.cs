using EmailIngestion.Hostile;
using EmailIngestion.Hostile.Entries;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

public sealed class HostileEntryTests
{
    [Fact]
    public async Task Forged_entries_are_dead_lettered_and_good_ones_are_processed()
    {
        var results = new List<ScenarioResult>();
        await foreach (var result in new EntryPart().RunAsync(new HostileOptions(1, Quick: true), TestContext.Current.CancellationToken))
            results.Add(result);

        Assert.Empty(
            string.Join('\n', results.Where(result => result.Broken is not null).Select(result => $"{result.Scenario}: {result.Broken}")));
        Assert.InRange(results.Count, 60, 1_000);
        Assert.Contains(results, result => result.Outcome == "dead letter");
        Assert.Contains(results, result => result.Outcome == "processed");
    }
}
