using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Downloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests two concurrent polls of one mailbox.</summary>
public class RacingPollTests(TestServers servers)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_processes_together_append_each_mail_once()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var mails = TestMail.Many(300);
        await user.AppendAsync(mails);
        var one = await partition.StartPollerAsync(settings => settings["Polling:FetchBatch"] = "20");
        var other = await partition.StartPollerAsync(settings => settings["Polling:FetchBatch"] = "20");

        var results = await Task.WhenAll(one.PollAsync(), other.PollAsync());

        Assert.Equal(300, results.Sum(result => result.Appended));
        Assert.All(results, result => Assert.True(result.End is PollEnd.Complete or PollEnd.Elsewhere));
        Assert.Equal(mails.Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task While_one_process_polls_a_mailbox_another_skips_it()
    {
        await using var partition = new TestPartition(servers);
        using var opened = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var slow = new ScriptedMailbox().Fill(1, 2, 3);
        slow.Opening = () =>
        {
            opened.Release();
            Assert.True(go.Wait(AnswerTimeout, TestContext.Current.CancellationToken));
        };
        var one = await partition.StartPollerAsync(slow);
        var other = await partition.StartPollerAsync(new ScriptedMailbox().Fill(1, 2, 3));

        var first = one.PollAsync();
        Assert.True(await opened.WaitAsync(AnswerTimeout, TestContext.Current.CancellationToken));
        Assert.Equal(new PollResult(PollEnd.Elsewhere), await other.PollAsync());
        go.Release();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await first);
        Assert.Equal(new PollResult(PollEnd.Complete), await other.PollAsync());
    }

    [Fact]
    public async Task Pollers_that_ignore_the_mailbox_lock_append_each_mail_once()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var mails = TestMail.Many(400);
        await user.AppendAsync(mails);
        var host = await partition.StartPollerAsync(settings => settings["Polling:FetchBatch"] = "10");

        var results = await RaceAsync(partition, host);

        Assert.Equal(400, results.Sum(result => result.Appended));
        Assert.Equal(mails.Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Fact]
    public async Task Two_polls_that_see_a_new_epoch_double_nothing()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var mails = TestMail.Many(200);
        await user.AppendAsync(mails, "Folder");
        var settings = partition.PollingSettings("Folder");
        settings["Polling:FetchBatch"] = "10";
        var host = await partition.StartHostAsync(settings);
        await host.PollAsync();
        await user.RecreateAsync("Folder");
        await user.AppendAsync([.. mails, .. TestMail.Many(50, first: 201)], "Folder");

        var results = await RaceAsync(partition, host);
        await host.PollAsync();

        Assert.True(results.Sum(result => result.Appended) <= 50);
        Assert.Equal(TestMail.Many(250).Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Equal(1, (await partition.CursorAsync("Folder"))!.Epoch);
    }

    // Each poll takes the mailbox lock from the other, and both open the folder before either continues.
    private static async Task<PollResult[]> RaceAsync(TestPartition partition, WebApplication host)
    {
        using var both = new Barrier(2);
        var services = host.Services;
        var polling = services.GetRequiredService<IOptions<PollingOptions>>();
        var mailbox = polling.Value.Mailboxes[0];
        var connect = services.GetRequiredService<Func<MailboxOptions, IMailbox>>();

        async Task<PollResult> PollAsync()
        {
            using var budget = new PollBudget(polling.Value.MaxBytesInFlight);
            await using var poller = new MailboxPoller(
                new PolledMailbox(
                    mailbox,
                    partition.Partition,
                    new MailboxMemory(mailbox.Name, services.GetRequiredService<HintFiles>()),
                    DownloadBudget.Of(mailbox, polling.Value, partition.Partition.Downloads),
                    TimeProvider.System),
                services.GetRequiredService<MailboxAppenders>(),
                options =>
                {
                    partition.Database.KeyDelete(partition.Keys.MailboxLock(options.Name));
                    return new HookedMailbox(connect(options)) { Opened = () => Assert.True(both.SignalAndWait(AnswerTimeout)) };
                },
                budget,
                polling,
                TimeProvider.System,
                NullLogger<PollService>.Instance);
            return await poller.PollAsync(TestContext.Current.CancellationToken);
        }

        var first = PollAsync();
        // The second poll may start only after the first has lost the mailbox lock again.
        await Eventually.TrueAsync(() => both.ParticipantsRemaining == 1, "the first has the folder open");
        return await Task.WhenAll(first, PollAsync());
    }
}
