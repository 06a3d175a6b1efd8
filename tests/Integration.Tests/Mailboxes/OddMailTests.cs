using System.Text;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that one bad email does not affect others.</summary>
public class OddMailTests(TestServers servers)
{
    [Fact]
    public async Task Oversize_mail_is_dead_lettered_with_its_headers_and_the_poll_continues()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var large = TestMail.Of(2, new string('x', 5_000));
        var uids = await user.AppendAsync([TestMail.Of(1), large, TestMail.Of(3)]);
        var host = await partition.StartPollerAsync(settings => settings["Polling:MaxMessageBytes"] = "2048");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, DeadLettered: 1), await host.PollAsync());

        Assert.Equal(["Mail 1", "Mail 3"], (await partition.EmailsAsync()).Select(email => email.Subject));
        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal((DeadLetterReasons.Oversize, "headers"), (deadLetter.Reason, deadLetter.Body));
        Assert.Equal($"{large.Length} bytes; Polling:MaxMessageBytes is 2048.", deadLetter.ErrorMessage);
        Assert.Equal((uids[1], (long)large.Length, "Mail 2"), (deadLetter.Uid!.Value, deadLetter.Size!.Value, deadLetter.Subject));
        Assert.Equal(Encoding.ASCII.GetString(large).Split("\r\n\r\n")[0] + "\r\n\r\n", await partition.RawTextAsync(deadLetter));
        Assert.Equal(uids[^1], (await partition.CursorAsync())!.Last);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
    }

    [Fact]
    public async Task A_mailbox_with_only_oversize_mail_is_read_to_its_end()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(Enumerable.Range(1, 30).Select(number => TestMail.Of(number, new string('x', 2_000))));
        var host = await partition.StartPollerAsync(settings =>
        {
            settings["Polling:MaxMessageBytes"] = "1024";
            settings["Polling:FetchBatch"] = "10";
        });

        Assert.Equal(new PollResult(PollEnd.Complete, DeadLettered: 30), await host.PollAsync());

        Assert.Equal(30, (await partition.DeadLettersAsync()).Count);
    }

    [Theory]
    [InlineData("\r\n", "a mail that is one empty line")]
    [InlineData("\r\n\r\n", "a mail that is two empty lines")]
    [InlineData("x", "one character")]
    [InlineData("Subject: only a header", "a header without its end")]
    [InlineData("Subject: only a header\r\n", "a header without an empty line")]
    [InlineData("Subject: no body\r\n\r\n", "an empty body")]
    [InlineData("\r\nOnly a body.\r\n", "a body without a header")]
    [InlineData("Only text, no header, and no colon\r\n\r\nanywhere.\r\n", "text")]
    [InlineData(": \r\n: \r\n\r\n", "headers without names")]
    [InlineData("Subject: =?utf-8?B?////?=\r\nContent-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n--x", "everything broken")]
    [InlineData("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n", "a mail in a mail in nothing")]
    [InlineData("Date: never\nSubject: bare line ends\n\nBody.\n", "bare line ends")]
    public async Task Odd_mail_is_processed_and_so_is_the_mail_after_it(string odd, string what)
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        byte[] raw = Encoding.UTF8.GetBytes(odd);
        await user.AppendAsync([TestMail.Of(1), raw, TestMail.Of(3)]);
        var stored = (await user.ReadAsync()).Select(mail => mail.Raw).Texts();
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        var host = await partition.StartHostAsync(settings);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
        await Eventually.TrueAsync(async () => (await partition.ReadSnapshotAsync()).Depth == 0, $"{what} is processed");

        Assert.Equal(stored.Order(), partition.ArchivedTexts().Order());
        Assert.Equal(3, partition.ArchivedFiles("*.json").Length);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task Mail_of_every_kind_arrives_unchanged()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var mails = DemoMail.Generate(90, seed: 3, TimeProvider.System.GetUtcNow()).ToList();
        Assert.Equal(DemoMail.Kinds.Order(), mails.Select(mail => mail.Kind).Distinct().Order());
        await user.AppendAsync(mails.Select(mail => (mail.Raw, mail.InternalDate)));
        var host = await partition.StartPollerAsync();

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 90), await host.PollAsync());

        var emails = await partition.EmailsAsync();
        Assert.Equal(mails.Select(mail => mail.Raw).Texts(), emails.Texts());
        Assert.Equal(mails.Select(mail => mail.InternalDate), emails.Select(email => email.Date));
        Assert.Equal(mails.Select(mail => (long)mail.Raw.Length), emails.Select(email => email.Size));
    }
}
