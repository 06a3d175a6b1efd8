using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests a new epoch of a folder: UIDVALIDITY changes.</summary>
public class NewEpochTests(TestServers servers)
{
    private const string Folder = "Projects";

    [Fact]
    public async Task A_new_epoch_doubles_nothing_and_loses_nothing()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(10), Folder);
        var host = await StartPollerAsync(partition);
        await host.PollAsync();
        var before = (await partition.CursorAsync(Folder))!;

        var uidValidity = await user.RecreateAsync(Folder);
        // One more copy of email 4. It counts as another email.
        await user.AppendAsync([.. TestMail.Many(10), TestMail.Of(4), TestMail.Of(11)], Folder);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, Duplicates: 10), await host.PollAsync());

        var cursor = (await partition.CursorAsync(Folder))!;
        Assert.NotEqual(before.UidValidity, cursor.UidValidity);
        Assert.Equal((1, uidValidity, 12u), (cursor.Epoch, cursor.UidValidity, cursor.Last));
        var emails = await partition.EmailsAsync();
        Assert.Equal([.. TestMail.Many(10).Texts(), .. new[] { TestMail.Of(4), TestMail.Of(11) }.Texts()], emails.Texts());
        Assert.Equal(12, emails.Select(email => email.Id).Distinct().Count());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Fact]
    public async Task Several_new_epochs_double_nothing()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3), Folder);
        var host = await StartPollerAsync(partition);
        await host.PollAsync();

        for (var time = 1; time <= 3; time++)
        {
            await user.RecreateAsync(Folder);
            await user.AppendAsync(TestMail.Many(3 + time), Folder);
            Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, Duplicates: 2 + time), await host.PollAsync());
        }

        Assert.Equal(TestMail.Many(6).Texts(), (await partition.EmailsAsync()).Texts());
        Assert.Equal(3, (await partition.CursorAsync(Folder))!.Epoch);
    }

    [Fact]
    public async Task A_new_epoch_after_an_unfinished_poll_doubles_nothing()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 6);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(10), Folder);
        var settings = partition.PollingSettings(Folder);
        settings["Streams:MaxStreamLength"] = "6";
        Assert.Equal(new PollResult(PollEnd.BackPressure, Appended: 6), await (await partition.StartHostAsync(settings)).PollAsync());

        await user.RecreateAsync(Folder);
        await user.AppendAsync(TestMail.Many(10), Folder);
        var host = await StartPollerAsync(partition);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 4, Duplicates: 6), await host.PollAsync());
        Assert.Equal(TestMail.Many(10).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task A_folder_that_returns_with_fewer_emails_is_read_on()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(10), Folder);
        var host = await StartPollerAsync(partition);
        await host.PollAsync();

        await user.RecreateAsync(Folder);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        await user.AppendAsync([TestMail.Of(11)], Folder);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(TestMail.Many(11).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Read_emails_are_known_whether_they_are_queued_or_processed()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(20), Folder);
        var poller = await StartPollerAsync(partition);
        await poller.PollAsync();

        // Twenty emails are processed and ten more queued when the epoch changes.
        var consumer = await partition.StartHostAsync(partition.ConsumingSettings());
        await Eventually.TrueAsync(async () => (await partition.ReadSnapshotAsync()).Depth == 0, "the first mails are processed");
        await consumer.StopAsync(TestContext.Current.CancellationToken);
        await user.AppendAsync(TestMail.Many(10, first: 21), Folder);
        await poller.PollAsync();
        await user.RecreateAsync(Folder);
        await user.AppendAsync(TestMail.Many(32), Folder);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, Duplicates: 30), await poller.PollAsync());
        Assert.Equal(12, (await partition.ReadSnapshotAsync()).Depth);

        await partition.StartHostAsync(partition.ConsumingSettings());
        await Eventually.TrueAsync(async () => (await partition.ReadSnapshotAsync()).Depth == 0, "all is processed");

        Assert.Equal(TestMail.Many(32).Texts().Order(), partition.ArchivedTexts().Order());
    }

    [Fact]
    public async Task Inbox_is_no_exception()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var host = await partition.StartPollerAsync();
        await host.PollAsync();

        await user.RecreateAsync("INBOX");
        await user.AppendAsync(TestMail.Many(4));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1, Duplicates: 3), await host.PollAsync());
    }

    private static Task<WebApplication> StartPollerAsync(TestPartition partition) =>
        partition.StartHostAsync(partition.PollingSettings(Folder));
}
