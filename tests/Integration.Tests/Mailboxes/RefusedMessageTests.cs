using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

public sealed class RefusedMessageTests(TestServers servers)
{
    [Fact]
    public async Task An_email_that_the_server_answers_with_no_is_dead_lettered_and_the_others_go_on()
    {
        await using var partition = new TestPartition(servers);
        using var server = new RefusingServer();
        var host = await partition.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:Host"] = "127.0.0.1";
            settings["Mailboxes:0:Port"] = server.Port.ToString(CultureInfo.InvariantCulture);
            settings["Mailboxes:0:Security"] = "None";
            settings["Mailboxes:0:CertificateAuthority"] = null;
            settings["Polling:FetchAttempts"] = "2";
        });

        var first = await host.PollAsync();
        var second = await host.PollAsync();

        Assert.Equal((PollEnd.Stuck, 1, null), (first.End, first.Appended, first.Error));
        Assert.Equal((PollEnd.Complete, 1, 1), (second.End, second.Appended, second.Dead));
        Assert.Equal([1u, 3u], (await partition.EmailsAsync()).Select(email => email.Uid));
        var letter = Assert.Single(await partition.LettersAsync());
        Assert.Equal(("fetch-failed", (uint?)RefusingServer.Refused), (letter.Reason, letter.Uid));
    }
}
