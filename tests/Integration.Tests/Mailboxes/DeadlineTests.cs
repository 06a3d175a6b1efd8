using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

public class DeadlineTests(TestServers servers)
{
    [Fact]
    public async Task A_mailbox_too_large_for_one_poll_is_read_over_several()
    {
        await using var partition = new TestPartition(servers);
        var mails = TestMail.Many(100);
        await new MailUser(servers, partition.User).AppendAsync(mails);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        // Each batch of ten takes half a second, and the poll has a little over one second.
        var host = await partition.StartPollerAsync(
            settings =>
            {
                settings["Polling:FetchBatch"] = "10";
                settings["Polling:Deadline"] = "00:00:01.200";
            },
            services =>
            {
                services.AddSingleton<TimeProvider>(time);
                services.AddSingleton<Func<MailboxOptions, IMailbox>>(options => new HookedMailbox(
                    new ImapMailbox(options, TimeSpan.FromSeconds(20), new PollingOptions().MaxMessageBytes))
                {
                    FetchingBodies = () => time.Advance(TimeSpan.FromSeconds(0.5)),
                });
            });

        var polls = new List<PollResult>();
        await Eventually.TrueAsync(
            async () =>
            {
                polls.Add(await host.PollAsync());
                return polls[^1].End == PollEnd.Complete;
            },
            "the end of the mailbox is reached");

        Assert.InRange(polls.Count, 5, 100);
        Assert.All(polls.SkipLast(1), poll => Assert.Equal(poll.IsEmpty ? PollEnd.Failed : PollEnd.Deadline, poll.End));
        Assert.All(polls, poll => Assert.InRange(poll.Appended, 0, 20));
        Assert.Equal(mails.Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Equal(100u, (await partition.CursorAsync())!.Last);
    }
}
