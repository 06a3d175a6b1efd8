using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests a server that accepts connections and never answers.</summary>
public class SilentServerTests(TestServers servers)
{
    [Theory]
    [InlineData("None")]
    [InlineData("StartTls")]
    [InlineData("Tls")]
    public async Task A_silent_server_fails_the_poll_after_the_timeout(string security)
    {
        await using var partition = new TestPartition(servers);
        using var silent = new SilentServer();
        var host = await StartAsync(partition, silent, security, serverTimeout: "00:00:01", deadline: "00:00:20");

        var started = TimeProvider.System.GetTimestamp();
        var result = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.Equal($"127.0.0.1:{silent.Port} did not answer within Polling:ServerTimeout, 00:00:01.", result.Error);
        Assert.Equal(result.Error, await partition.ErrorAsync(partition.Mailbox()));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Tls")]
    public async Task A_poll_of_a_silent_server_ends_at_its_deadline(string security)
    {
        await using var partition = new TestPartition(servers);
        using var silent = new SilentServer();
        var host = await StartAsync(partition, silent, security, serverTimeout: "00:05:00", deadline: "00:00:01");

        var started = TimeProvider.System.GetTimestamp();
        var result = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.Equal("Nothing could be read within Polling:Deadline, 00:00:01.", result.Error);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_silent_server_does_not_delay_other_mailboxes()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        using var silent = new SilentServer();
        var settings = partition.PollingSettings();
        partition.AddMailbox(settings, index: 1);
        settings["Mailboxes:0:Account"] = "silent";
        settings["Mailboxes:0:Host"] = "127.0.0.1";
        settings["Mailboxes:0:Port"] = silent.Port.ToString(CultureInfo.InvariantCulture);
        settings["Mailboxes:0:Security"] = "None";
        settings["Polling:ServerTimeout"] = "00:05:00";
        var host = await partition.StartHostAsync(settings);

        var polls = host.PollAllAsync();
        await Eventually.TrueAsync(
            async () =>
                (await partition.CursorAsync())?.LastSuccess is not null, "the other mailbox is read to its end");

        Assert.False(polls.IsCompleted);
        // Resets the connection.
        silent.Dispose();
        Assert.Equal(3, (await partition.EmailsAsync()).Count);
        Assert.Equal(PollEnd.Failed, (await polls)["silent/INBOX"].End);
    }

    private static Task<WebApplication> StartAsync(
        TestPartition partition, SilentServer silent, string security, string serverTimeout, string deadline) =>
        partition.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:Host"] = "127.0.0.1";
            settings["Mailboxes:0:Port"] = silent.Port.ToString(CultureInfo.InvariantCulture);
            settings["Mailboxes:0:Security"] = security;
            settings["Polling:ServerTimeout"] = serverTimeout;
            settings["Polling:Deadline"] = deadline;
        });
}
