using EmailIngestion.Hostile;
using EmailIngestion.Hostile.Mails;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

[Collection(typeof(RunsAlone))]
public sealed class HostileMailTests
{
    [Fact]
    public async Task Hostile_mail_stays_within_the_bounds_of_time_and_memory()
    {
        var results = new List<ScenarioResult>();
        await foreach (var result in new MailPart().RunAsync(
            new HostileOptions(Seed: 7, Quick: true), TestContext.Current.CancellationToken))
            results.Add(result);
        Assert.Equal(HostileMail.All.Count, results.Count);
        Assert.All(results, result => Assert.True(result.Broken is null, ScenarioTable.Write([result])));
    }
}
