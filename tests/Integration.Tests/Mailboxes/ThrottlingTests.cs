using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
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
    private const string Throttled = "{tag} NO [THROTTLED] Slow down. Suggested Backoff Time: 600000 milliseconds\r\n";

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

    [Fact]
    public async Task No_process_asks_a_throttling_server_before_the_end_of_the_wait()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { AnswerOverride = _ => new PeerAnswer(Throttled, false) };
        Assert.Equal(PollEnd.Failed, (await (await StartAsync(partition, peer)).PollAsync()).End);
        var asked = peer.Commands.Count;

        // A second process, or the first one after a restart. The stream's limit may not hide the wait.
        var other = await StartAsync(partition, peer);
        var full = await StartAsync(partition, peer, settings => settings["Streams:MaxMemoryBytes"] = "1048576");
        foreach (var host in new[] { other, full, other })
            Assert.Equal(PollEnd.BackingOff, (await host.PollAsync()).End);
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(other, TimeSpan.FromSeconds(599)));
        Assert.Equal(asked, peer.Commands.Count);
        var known = await other.Services.GetRequiredService<StreamPartitions>().Served[0].Inspector
            .FindMailboxAsync(partition.Mailbox(), TestContext.Current.CancellationToken);
        Assert.True(known.IsThrottled);

        peer.AnswerOverride = _ => null;
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(other, TimeSpan.FromSeconds(1)));
        Assert.Equal(3, (await partition.EmailsAsync()).Count);
    }

    [Fact]
    public async Task A_watch_in_another_process_waits_too()
    {
        await using var partition = new TestPartition(servers);
        var wait = TimeSpan.FromSeconds(4);
        long? throttled = null;
        var again = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var peer = new ImapPeer();
        peer.AnswerOverride = command =>
        {
            if (!command.StartsWith("LOGIN", StringComparison.Ordinal))
                return null;
            if (throttled is not null)
            {
                again.TrySetResult(TimeProvider.System.GetTimestamp());
                return null;
            }

            throttled = TimeProvider.System.GetTimestamp();
            return new PeerAnswer("{tag} NO [THROTTLED] Suggested Backoff Time: 4000 milliseconds\r\n", false);
        };
        var poller = await partition.StartPollerAsync(settings => peer.Serve(settings));
        Assert.Equal(PollEnd.Failed, (await poller.PollAsync()).End);

        await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            settings["Polling:MaxWatched"] = "50";
        });
        var repeated = await again.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(TimeProvider.System.GetElapsedTime(throttled!.Value, repeated) >= wait);
    }

    [Fact]
    public async Task A_mailbox_that_moves_to_another_server_does_not_wait_for_the_former_one()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { AnswerOverride = _ => new PeerAnswer(Throttled, false) };
        Assert.Equal(PollEnd.Failed, (await (await StartAsync(partition, peer)).PollAsync()).End);

        using var moved = new ImapPeer();
        Assert.Equal(PollEnd.Complete, (await (await StartAsync(partition, moved)).PollAsync()).End);
    }

    private Task<WebApplication> StartAsync(TestPartition partition, ImapPeer peer, Action<LocalSettings>? change = null) =>
        partition.StartPollerAsync(
            settings =>
            {
                peer.Serve(settings);
                change?.Invoke(settings);
            },
            services => services.AddSingleton<TimeProvider>(_time));

    private async Task<PollEnd> PollAfterAsync(WebApplication host, TimeSpan wait)
    {
        _time.Advance(wait);
        return (await host.PollAsync()).End;
    }
}
