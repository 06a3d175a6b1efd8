using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

public class FolderTests(TestServers servers)
{
    [Theory]
    [InlineData("Sent Mail")]
    [InlineData("[Gmail]/All Mail")]
    [InlineData("Büro/日本語 & Co")]
    public async Task A_folder_is_named_as_people_write_it(string folder)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3), folder);
        await user.AppendAsync([TestMail.Of(9)]);
        var host = await partition.StartHostAsync(partition.PollingSettings(folder));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var emails = await partition.EmailsAsync();
        Assert.Equal(TestMail.Many(3).Texts(), emails.Texts());
        Assert.All(emails, email => Assert.Equal($"{partition.User}/{folder}", email.Mailbox));
        Assert.Equal(3u, (await partition.CursorAsync(folder))!.Last);
    }

    [Fact]
    public async Task Inbox_is_one_folder_however_it_is_written()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(2));
        await (await partition.StartHostAsync(partition.PollingSettings("Inbox"))).PollAsync();

        Assert.Equal(
            new PollResult(PollEnd.Complete), await (await partition.StartHostAsync(partition.PollingSettings("INBOX"))).PollAsync());

        Assert.Equal(2u, (await partition.CursorAsync())!.Last);
    }

    [Fact]
    public async Task Several_folders_and_accounts_are_polled_by_one_process()
    {
        await using var partition = new TestPartition(servers);
        var one = new MailUser(servers, partition.User);
        var other = new MailUser(servers, $"other-{partition.User}");
        await one.AppendAsync(TestMail.Many(3));
        await one.AppendAsync(TestMail.Many(4), "Sent Mail");
        await other.AppendAsync(TestMail.Many(5));
        var settings = partition.PollingSettings();
        partition.AddMailbox(settings, "Sent Mail", index: 1);
        partition.AddMailbox(settings, index: 2);
        settings["Mailboxes:2:Username"] = other.Name;
        var host = await partition.StartHostAsync(settings);

        var results = await host.PollAllAsync();

        Assert.Equal(
            new Dictionary<string, PollResult>
            {
                [partition.Mailbox()] = new(PollEnd.Complete, Appended: 3),
                [partition.Mailbox("Sent Mail")] = new(PollEnd.Complete, Appended: 4),
                [$"{other.Name}/INBOX"] = new(PollEnd.Complete, Appended: 5),
            },
            results);
        // The same mail in three mailboxes is three emails. Each mailbox keeps its order.
        var emails = await partition.EmailsAsync();
        Assert.Equal(12, emails.Select(email => email.Id).Distinct().Count());
        Assert.All(
            emails.GroupBy(email => email.Mailbox),
            mailbox => Assert.Equal(mailbox.Select(email => email.Uid).Order(), mailbox.Select(email => email.Uid)));
    }
}
