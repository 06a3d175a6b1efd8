using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests that the poller backs off from a throttling server for the time that it requests, and counts no failure against a message.
/// </summary>
public sealed class ThrottlingTests(TestServers servers)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("LOGIN", "{tag} NO [THROTTLED] Too many requests\r\n", false, 5)]
    [InlineData("LOGIN", "{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n", false, 5)]
    [InlineData("EXAMINE", "{tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)\r\n", false, 5)]
    [InlineData("UID SEARCH", "{tag} BAD Request is throttled. Suggested Backoff Time: 90000 milliseconds\r\n", false, 1.5)]
    [InlineData("UID FETCH", "{tag} NO [THROTTLED] Slow down. Suggested Backoff Time: 600000 milliseconds\r\n", false, 10)]
    [InlineData("UID FETCH", "* BYE [THROTTLED] Slow down\r\n", true, 5)]
    public async Task A_throttling_server_is_polled_again_after_the_requested_time(
        string command, string says, bool closesConnection, double minutes)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = given => given.StartsWith(command, StringComparison.Ordinal) ? new PeerAnswer(says, closesConnection) : null,
        };
        var host = await partition.StartPollerAsync(
            settings =>
            {
                peer.Serve(settings);
                settings["Polling:FetchAttempts"] = "1";
            },
            services => services.AddSingleton<TimeProvider>(_time));

        var throttled = await host.PollAsync();
        Assert.Equal(PollEnd.Failed, throttled.End);
        Assert.StartsWith($"127.0.0.1:{peer.Port} throttles {partition.User}: ", throttled.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', throttled.Error!);
        var asked = peer.Commands.Count;
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(host, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1)));
        Assert.Equal(asked, peer.Commands.Count);
        // However often it repeats, it counts against no message.
        for (var more = 0; more < 3; more++)
            Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromMinutes(minutes)));

        peer.AnswerOverride = _ => null;
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromMinutes(minutes)));
        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    private async Task<PollEnd> PollAfterAsync(WebApplication host, TimeSpan wait)
    {
        _time.Advance(wait);
        return (await host.PollAsync()).End;
    }
}
