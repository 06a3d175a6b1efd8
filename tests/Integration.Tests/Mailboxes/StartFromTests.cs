using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

public class StartFromTests(TestServers servers)
{
    [Fact]
    public async Task From_now_on_only_mail_after_the_first_poll_is_read()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var uids = await user.AppendAsync(TestMail.Many(3));
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal(uids[^1], (await partition.CursorAsync())!.Last);

        await user.AppendAsync([TestMail.Of(4)]);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal("Mail 4", Assert.Single(await partition.EmailsAsync()).Subject);
    }

    [Fact]
    public async Task From_now_on_in_an_empty_folder_the_first_mail_is_read()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "now"));

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        await user.AppendAsync([TestMail.Of(1)]);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
    }

    [Fact]
    public async Task From_a_day_on_mail_received_that_day_or_later_is_read()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var day = new DateTimeOffset(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
        await user.AppendAsync([
            (TestMail.Of(1), day.AddDays(-30)),
            (TestMail.Of(2), day.AddDays(-2)),
            (TestMail.Of(3), day),
            (TestMail.Of(4), day.AddDays(1)),
        ]);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "2026-02-10"));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());

        Assert.Equal(["Mail 3", "Mail 4"], (await partition.EmailsAsync()).Select(email => email.Subject));
    }

    [Fact]
    public async Task From_a_day_after_all_mail_only_new_mail_is_read()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var day = new DateTimeOffset(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
        var uids = await user.AppendAsync([(TestMail.Of(1), day.AddDays(-30)), (TestMail.Of(2), day.AddDays(-20))]);
        var host = await partition.StartHostAsync(partition.PollingSettings(startFrom: "2026-02-10"));

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        Assert.Equal(uids[^1], (await partition.CursorAsync())!.Last);
    }
}
