using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using MailKit;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

public class PollingTests(TestServers servers)
{
    [Fact]
    public async Task A_poll_appends_every_mail_once_byte_for_byte()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(270));
        var host = await partition.StartPollerAsync();

        var result = await host.PollAsync();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 270), result);
        var stored = await user.ReadAsync();
        var emails = await partition.EmailsAsync();
        Assert.Equal(stored.Select(mail => mail.Uid), emails.Select(email => email.Uid));
        Assert.Equal(stored.Select(mail => mail.Raw).Texts(), emails.Texts());
        var cursor = await partition.CursorAsync();
        Assert.Equal(stored[^1].Uid, cursor!.Last);
        Assert.NotNull(cursor.LastSuccess);
    }

    [Fact]
    public async Task The_fields_of_an_entry_have_the_values_of_the_server()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var received = new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.FromHours(2));
        var raw = TestMail.Of(7);
        await user.AppendAsync([(raw, received)]);
        var host = await partition.StartPollerAsync();

        await host.PollAsync();

        var email = Assert.Single(await partition.EmailsAsync());
        var cursor = (await partition.CursorAsync())!;
        Assert.Equal(EmailId.Of(partition.User, "INBOX", cursor.UidValidity, email.Uid), email.Id);
        Assert.Equal(partition.Mailbox(), email.Mailbox);
        Assert.Equal(cursor.UidValidity, email.UidValidity);
        Assert.Equal(received, email.Date);
        Assert.Equal(raw.Length, email.Size);
        Assert.Equal(("7@example.org", "sender@example.org", "Mail 7"), (email.MessageId, email.From, email.Subject));
    }

    [Fact]
    public async Task Polling_marks_no_email_as_seen_and_deletes_none()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(5));
        // Larger than the limit, so only its header is fetched.
        await user.AppendAsync([TestMail.Of(6, new string('x', 2_000))]);
        var host = await partition.StartPollerAsync(settings => settings["Polling:MaxMessageBytes"] = "1024");

        var result = await host.PollAsync();

        Assert.Equal((5, 1), (result.Appended, result.DeadLettered));
        var stored = await user.ReadAsync();
        Assert.Equal(6, stored.Count);
        Assert.All(stored, mail => Assert.Equal(MessageFlags.None, mail.Flags & (MessageFlags.Seen | MessageFlags.Deleted)));
    }

    [Fact]
    public async Task A_second_poll_appends_nothing_and_a_third_what_is_new()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        var host = await partition.StartPollerAsync();
        await host.PollAsync();

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal(3, (await partition.EmailsAsync()).Count);

        await user.AppendAsync(TestMail.Many(2, first: 4));
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());
        var emails = await partition.EmailsAsync();
        Assert.Equal(TestMail.Many(5).Texts(), emails.Texts());
        Assert.Equal(5, emails.Select(email => email.Id).Distinct().Count());
    }

    [Fact]
    public async Task Another_process_continues_where_the_last_one_ended()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        await (await partition.StartPollerAsync()).PollAsync();
        await user.AppendAsync(TestMail.Many(2, first: 4));

        // StartFrom has no effect on a mailbox with a cursor.
        var other = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await other.PollAsync());
        Assert.Equal(TestMail.Many(5).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Mail_with_the_highest_uids_expunged_is_not_read_again()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var uids = await user.AppendAsync(TestMail.Many(4));
        var host = await partition.StartPollerAsync();
        await host.PollAsync();
        await user.ExpungeAsync(uids.TakeLast(2));

        // UID n:* returns the last email, whose UID is now below n.
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal(0, (await partition.CursorAsync())!.Epoch);

        await user.AppendAsync([TestMail.Of(5)]);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(TestMail.Many(5).Texts(), (await partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task Identical_mails_are_separate_emails()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1), TestMail.Of(1), TestMail.Of(1)]);
        var host = await partition.StartPollerAsync();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(3, (await partition.EmailsAsync()).Select(email => email.Id).Distinct().Count());
    }
}
