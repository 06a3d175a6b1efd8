using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that polling stops at the stream limit. The mail waits in the mailbox, and no outstanding entry is trimmed.</summary>
public class BackPressureTests(TestServers servers)
{
    private const int StreamLimit = 50;

    [Fact]
    public async Task A_poll_ends_at_the_stream_limit_with_the_cursor_at_the_last_append()
    {
        await using var partition = new TestPartition(servers);
        var uids = await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(200));
        var host = await StartPollerAsync(partition);

        Assert.Equal(new PollResult(PollEnd.BackPressure, Appended: StreamLimit), await host.PollAsync());

        Assert.Equal(uids[StreamLimit - 1], (await partition.CursorAsync())!.Last);
        Assert.Equal(TestMail.Many(StreamLimit).Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Equal(new PollResult(PollEnd.BackPressure), await host.PollAsync());
        Assert.Equal(TestMail.Many(StreamLimit).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Neither_unread_nor_pending_entries_are_trimmed()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(200));
        var host = await StartPollerAsync(partition);
        await host.PollAsync();

        // Twenty entries are delivered and the first five of them settled, so forty-five are outstanding.
        await using var consumer = partition.Partition.Join("slow", TimeSpan.FromMinutes(1));
        await consumer.AcquireNameAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var deliveries = await consumer.Reader.ReadAsync(20, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await consumer.SettleAsync([.. deliveries.Take(5)], TestContext.Current.CancellationToken);

        Assert.Equal(new PollResult(PollEnd.BackPressure, Appended: 5), await host.PollAsync());

        Assert.Equal(TestMail.Many(StreamLimit, first: 6).Texts(), (await partition.EmailsAsync()).Texts());
        var snapshot = await partition.ReadSnapshotAsync();
        Assert.Equal((35, 15), (snapshot.Lag, snapshot.Pending));
    }

    [Fact]
    public async Task Settled_entries_that_are_not_trimmed_yet_do_not_end_a_poll()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(40));
        var host = await StartPollerAsync(partition);
        await host.PollAsync();
        await using var consumer = partition.Partition.Join("quick", TimeSpan.FromMinutes(1));
        await consumer.AcquireNameAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var deliveries = await consumer.Reader.ReadAsync(40, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await consumer.SettleAsync([.. deliveries], TestContext.Current.CancellationToken);
        await user.AppendAsync(TestMail.Many(StreamLimit, first: 41));

        // The first forty are settled and do not count.
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: StreamLimit), await host.PollAsync());

        Assert.Equal(StreamLimit, (await partition.ReadSnapshotAsync()).Depth);
        await partition.Partition.Stream.TrimAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TestMail.Many(StreamLimit, first: 41).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task The_rest_is_appended_as_consumers_drain_the_stream()
    {
        await using var partition = new TestPartition(servers);
        var mails = TestMail.Many(200);
        var uids = await new MailUser(servers, partition.User).AppendAsync(mails);
        var poller = await StartPollerAsync(partition);
        await poller.PollAsync();
        await partition.StartHostAsync(partition.ConsumingSettings());

        var appended = StreamLimit;
        await Eventually.TrueAsync(
            async () =>
            {
                var result = await poller.PollAsync();
                appended += result.Appended;
                Assert.True((await partition.ReadSnapshotAsync()).Depth <= StreamLimit);
                return result.End == PollEnd.Complete;
            },
            "the end of the mailbox is reached");
        await Eventually.TrueAsync(async () => (await partition.ReadSnapshotAsync()).Depth == 0, "all is processed");

        Assert.Equal(200, appended);
        Assert.Equal(uids[^1], (await partition.CursorAsync())!.Last);
        Assert.Equal(mails.Texts().Order(), partition.ArchivedTexts().Order());
        Assert.Equal(200, partition.ArchivedFiles("*.json").Length);
    }

    private static Task<WebApplication> StartPollerAsync(TestPartition partition) => partition.StartPollerAsync(
        settings => settings["Streams:MaxStreamLength"] = StreamLimit.ToString(CultureInfo.InvariantCulture));
}
