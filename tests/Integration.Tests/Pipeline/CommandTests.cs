using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Pipeline;

/// <summary>Tests the former system's commands as separate processes.</summary>
public class CommandTests(TestServers servers)
{
    [Fact]
    public async Task A_poller_and_a_consumer_process_mail_until_they_are_stopped()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(30), "Sent Mail");
        await using var poller = CommandProcess.Start(
            partition, Settings(partition), "poll", "--username", partition.User, "--mailbox", "Sent Mail", "--poll-interval", "1");
        await using var consumer = CommandProcess.Start(
            partition, Settings(partition), "consume", "--consumer", "worker_02", "--batch-size", "50", "--block-timeout", "1000");

        await ArchivedAsync(partition, 30);
        Assert.StartsWith("worker_02#", Assert.Single((await partition.ReadSnapshotAsync()).Consumers).Name, StringComparison.Ordinal);
        await user.AppendAsync(TestMail.Many(10, first: 31), "Sent Mail");
        await ArchivedAsync(partition, 40);

        var codes = await Task.WhenAll(poller.TerminateAsync(), consumer.TerminateAsync());
        Assert.Equal([0, 0], codes);
        Assert.Equal(TestMail.Many(40).Texts().Order(), partition.ArchivedTexts().Order());
        Assert.Equal(40u, (await partition.CursorAsync("Sent Mail"))!.Last);
        var snapshot = await partition.ReadSnapshotAsync();
        Assert.Equal((0, 0, 0), (snapshot.Depth, snapshot.Pending, snapshot.DeadLetters));
        Assert.DoesNotContain(" fail:", poller.Output + consumer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_name_in_use_is_refused()
    {
        await using var partition = new TestPartition(servers);
        await using var first = CommandProcess.Start(partition, Settings(partition), "consume", "--consumer", "worker_02");
        await Eventually.TrueAsync(() => first.Output.Contains("worker_02", StringComparison.Ordinal), "the first has started");

        await using var second = CommandProcess.Start(partition, Settings(partition), "consume", "--consumer", "worker_02");

        Assert.Equal(1, await second.EndAsync());
        Assert.Contains("Consumer:Name 'worker_02' is in use by another process.", second.Output, StringComparison.Ordinal);
        Assert.Equal(0, await first.TerminateAsync());
    }

    // No Redis is configured. The first process starts one, and the others find it.
    [Fact]
    public async Task Processes_share_the_redis_that_the_first_one_starts()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(20), "Sent Mail");
        var settings = Settings(partition);
        settings["Streams:ConnectionString"] = settings["Streams:Partitions:0"] = null;
        settings["Mailboxes:0:Partition"] = null;
        var idle = new LocalSettings { ["Polling:Enabled"] = "false", ["Consumer:Enabled"] = "false" };
        await using var first = CommandProcess.Start(partition, idle, "--data", "own", "--port", "0");
        await Eventually.TrueAsync(() => first.Output.Contains("dead letters", StringComparison.Ordinal), "the first has started");
        await using var poller =
            CommandProcess.Start(partition, settings, "poll", "--data", "own", "--mailbox", "Sent Mail", "--poll-interval", "1");
        await using var consumer = CommandProcess.Start(partition, settings, "consume", "--data", "own", "--consumer", "worker_02");

        await Eventually.TrueAsync(
            () => partition.ArchivedFiles("*.json").Length >= 20, "20 mails are processed");
        Assert.Equal(TestMail.Many(20).Texts().Order(), partition.ArchivedTexts().Order());
        var codes = await Task.WhenAll(poller.TerminateAsync(), consumer.TerminateAsync());
        Assert.Equal([0, 0], codes);
        Assert.Equal(0, await first.TerminateAsync());
    }

    [Theory]
    [InlineData("poll", "No mailbox is configured: set Mailboxes:0:Username and Mailboxes:0:Password, or give --username.")]
    [InlineData("poll --username nobody@example.test", "Mailboxes:0:Password is missing.")]
    [InlineData("consume --batch-size 0", "Consumer:BatchSize is 0: it must be between 1 and 1000.")]
    [InlineData("consume --consumer worker --block-timeout 0", "Consumer:BlockTimeout is 00:00:00: it must be between")]
    public async Task A_setting_that_is_wrong_ends_the_start_with_one_line(string arguments, string line)
    {
        await using var partition = new TestPartition(servers);
        var settings = partition.Settings();
        settings["Streams:Partitions:0"] = null;
        await using var process = CommandProcess.Start(partition, settings, arguments.Split(' '));

        Assert.Equal(1, await process.EndAsync());

        Assert.StartsWith($"Settings: {line}", process.Output.Trim(), StringComparison.Ordinal);
        Assert.Single(process.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    // All mailbox settings but the folder.
    private static LocalSettings Settings(TestPartition partition)
    {
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        settings["Mailboxes:0:Folder"] = null;
        settings["Logging:Console:LogLevel:Default"] = "Information";
        return settings;
    }

    private static async Task ArchivedAsync(TestPartition partition, int count) => await Eventually.TrueAsync(
        async () => partition.ArchivedFiles("*.json").Length >= count && (await partition.ReadSnapshotAsync()).Depth == 0,
        $"{count} mails are processed");
}
