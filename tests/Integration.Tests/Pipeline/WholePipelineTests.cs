using EmailIngestion.DevServers.Mail;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Pipeline;

public class WholePipelineTests(TestServers servers)
{
    private const int Count = 2_000;
    private const string Folder = "Everything";

    [Fact]
    public async Task Every_email_is_processed_once_although_all_processes_are_killed_or_stopped()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var mails = DemoMail.Generate(Count, seed: 11, TimeProvider.System.GetUtcNow()).ToList();
        var uids = await user.AppendAsync(mails.Select(mail => (mail.Raw, mail.InternalDate)), Folder);

        var hosts = await StartAsync(partition);
        await PollUntilAsync(hosts[0], _ => partition.ArchivedFiles("*.json").Length >= Count / 3);
        // One process is stopped. The others are killed in the middle of their work.
        await hosts[1].StopAsync(TestContext.Current.CancellationToken);
        foreach (var host in hosts)
            await host.DisposeAsync();
        Assert.InRange(partition.ArchivedFiles("*.json").Length, Count / 3, Count - 1);

        hosts = await StartAsync(partition);
        await PollUntilAsync(hosts[0], result => result.End == PollEnd.Complete);
        await Eventually.TrueAsync(async () => (await partition.ReadSnapshotAsync()).Depth == 0, "all is processed");

        var snapshot = await partition.ReadSnapshotAsync();
        Assert.Equal((0, 0, 0), (snapshot.Lag, snapshot.Pending, snapshot.DeadLetters));
        Assert.Equal(uids[^1], (await partition.CursorAsync(Folder))!.Last);
        Assert.Equal(
            mails.Select(mail => mail.Raw).Texts().Order(StringComparer.Ordinal), partition.ArchivedTexts().Order(StringComparer.Ordinal));
        Assert.Equal(
            partition.ArchivedFiles("*.eml").Select(file => Path.ChangeExtension(file, null)).Order(StringComparer.Ordinal),
            partition.ArchivedFiles("*.json").Select(file => Path.ChangeExtension(file, null)).Order(StringComparer.Ordinal));
    }

    // A poller, with a stream limit of a quarter of the mail, and three consumers.
    private static async Task<WebApplication[]> StartAsync(TestPartition partition)
    {
        var poller = partition.PollingSettings(Folder);
        poller["Streams:MaxStreamLength"] = "500";
        return
        [
            await partition.StartHostAsync(poller),
            await partition.StartHostAsync(partition.ConsumingSettings()),
            await partition.StartHostAsync(partition.ConsumingSettings()),
            await partition.StartHostAsync(partition.ConsumingSettings()),
        ];
    }

    private static Task PollUntilAsync(WebApplication host, Func<PollResult, bool> enough) => Eventually.TrueAsync(
        async () => enough(await host.PollAsync()), "enough is polled and processed");
}
