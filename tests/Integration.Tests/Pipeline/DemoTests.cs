using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Pipeline;

/// <summary>Runs <c>demo</c>, which is what <c>./run.sh</c> starts for a new user.</summary>
public class DemoTests(TestServers servers)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_demo_processes_its_mailbox_whatever_the_settings_name(bool hasSettings)
    {
        await using var partition = new TestPartition(servers);
        var settings = new LocalSettings();
        if (hasSettings)
        {
            settings["REDIS_HOST"] = "redis.example.test";
            settings["Archive:Container"] = "mail";
            settings["Archive:ConnectionString"] = "AccountName=account;AccountKey=c2VjcmV0";
            settings["Processing:Processor"] = "webhook";
            settings["POLL_SCHEDULE"] = "0 0 0 1 1 *";
            settings["Mailboxes:0:Username"] = "ann@example.test";
            settings["Mailboxes:1:Username"] = "bob@example.test";
        }

        await using var process = CommandProcess.Start(partition, settings, "demo", "--emails", "3", "--port", "0");
        // The line of the progress may come after the one that says that all is processed.
        string[] lines = ["polled 4 of 4   processed 3   dead-lettered 1   waiting 0", "All of the demo mailbox is processed."];
        await Eventually.TrueAsync(
            () => process.HasEnded || lines.All(line => process.Output.Contains(line, StringComparison.Ordinal)),
            "the demo is processed");

        Assert.All(lines, line => Assert.Contains(line, process.Output, StringComparison.Ordinal));
        var archive = Path.Combine(partition.Folder, ".data", "demo", "archive");
        Assert.Equal(3, Directory.GetFiles(archive, "*.eml", SearchOption.AllDirectories).Length);
        Assert.Equal(0, await process.TerminateAsync());
    }
}
