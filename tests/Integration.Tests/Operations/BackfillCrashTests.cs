using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Kills the process that reads older mail. Another carries the job on.</summary>
public sealed class BackfillCrashTests(TestServers servers)
{
    private const int Count = 1500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backfill_of_a_killed_process_is_carried_on_without_loss_or_repeat()
    {
        await using var partition = new TestPartition(servers);
        var received = new DateTimeOffset(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(Count).Select(raw => (raw, received)));
        var mailbox = await BeginAsync(partition);
        var (_, job) = await partition.Partition.Jobs.CreateAsync(
            new NewJob("backfill", $$"""{"mailbox":"{{mailbox}}","from":"2026-01-10"}""", 0, "tester", "backfill"), Cancel);
        // It cannot end before it is killed.
        using (var one = ConsumerProcess.StartPoller(partition, ("Streams:MaxStreamLength", "1000")))
        {
            await Eventually.TrueAsync(async () => (await FindAsync(partition, job!.Id)).Done >= 100, "it is in the middle");
            one.Kill();
        }

        var first = await FindAsync(partition, job!.Id);
        Assert.InRange(first.Done, 100, 1000);
        using var two = ConsumerProcess.StartPoller(partition);
        await Eventually.TrueAsync(async () => (await FindAsync(partition, job.Id)).HasEnded, "the job has ended");
        var last = await FindAsync(partition, job.Id);
        Assert.Equal((JobState.Completed, "", (long)Count, 0L, 0L), (last.State, last.Reason, last.Done, last.Skipped, last.Failed));
        Assert.NotEqual(first.Process, last.Process);
        Assert.Equal(
            Enumerable.Range(1, Count).Select(uid => (uint)uid), (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    // Starts the mailbox's cursor above all of its mail.
    private static async Task<string> BeginAsync(TestPartition partition)
    {
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));
        await host.PollAsync();
        await host.StopAsync(Cancel);
        Assert.Empty(await partition.EmailsAsync());
        return host.Services.GetRequiredService<PolledMailboxes>().All[0].Name;
    }

    private static async Task<Job> FindAsync(TestPartition partition, string id) => (await partition.Partition.Jobs.FindAsync(id, Cancel))!;
}
