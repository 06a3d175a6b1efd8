using System.Collections.Concurrent;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests a server that refuses commands on a kept connection, and answers them on a new one.</summary>
public sealed class RefusedConnectionTests(TestServers servers) : IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ImapPeer _peer = new();

    public void Dispose() => _peer.Dispose();

    [Theory]
    [InlineData("BAD User is authenticated but not connected.")]
    [InlineData("NO [UNAVAILABLE] backend away")]
    [InlineData("NO it cannot be opened")]
    public async Task A_folder_refused_on_a_kept_connection_is_opened_on_a_new_one_in_the_same_poll(string says)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        Assert.Equal(3, (await host.PollAsync()).Appended);
        RefuseOnFirstConnection("EXAMINE", says);
        _peer.Count = 5;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await PollLaterAsync(host));
        Assert.Equal(2, _peer.Connections);
        // The new connection is kept, and the refused one is closed.
        Assert.Equal(PollEnd.Complete, (await PollLaterAsync(host)).End);
        Assert.Equal(2, _peer.Connections);
        await Eventually.TrueAsync(() => _peer.Open == 1, "the refused connection is closed");
    }

    [Fact]
    public async Task A_folder_refused_on_a_new_connection_too_fails_the_poll()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await host.PollAsync();
        _peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal) ? new("{tag} NO closed\r\n") : null;

        var result = await PollLaterAsync(host);

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.Contains("does not open folder 'INBOX'", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, _peer.Connections);
        await Eventually.TrueAsync(() => _peer.Open == 0, "no refused connection is kept");
    }

    [Theory]
    [InlineData("NO")]
    [InlineData("BAD")]
    public async Task An_email_refused_on_a_kept_connection_is_fetched_on_a_new_one(string condition)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, settings => settings["Polling:FetchAttempts"] = "2");
        await host.PollAsync();
        RefuseOnFirstConnection("UID FETCH", $"{condition} User is authenticated but not connected.");
        _peer.Count = 4;

        Assert.Contains((await PollLaterAsync(host)).End, new[] { PollEnd.Stuck, PollEnd.Failed });
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await PollLaterAsync(host));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    // The poll lists the emails by FETCH instead.
    [Fact]
    public async Task A_connection_that_refused_a_search_is_not_kept()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await host.PollAsync();
        RefuseOnFirstConnection("UID SEARCH", "NO User is authenticated but not connected.");
        _peer.Count = 4;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await PollLaterAsync(host));
        Assert.Equal(PollEnd.Complete, (await PollLaterAsync(host)).End);
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public async Task A_poll_that_stops_at_an_email_without_an_answer_keeps_no_connection()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        _peer.BodyOverrides[2] = new PeerAnswer("{tag} OK done\r\n");

        Assert.Equal(PollEnd.Stuck, (await host.PollAsync()).End);
        _peer.BodyOverrides.Clear();
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await PollLaterAsync(host));
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public async Task A_refused_extended_search_does_not_end_the_connection()
    {
        await using var partition = new TestPartition(servers);
        _peer.Greeting = "* OK [CAPABILITY IMAP4rev1 ESEARCH] ready\r\n";
        var answered = new ConcurrentQueue<string>();
        _peer.AnswerOverride = command =>
        {
            if (command == "CAPABILITY")
                return new("* CAPABILITY IMAP4rev1 ESEARCH\r\n{tag} OK done\r\n");
            if (!command.Contains("RETURN", StringComparison.Ordinal))
                return null;
            answered.Enqueue(command);
            return new("{tag} BAD unknown\r\n");
        };
        var host = await StartAsync(partition);

        Assert.Equal(3, (await host.PollAsync()).Appended);
        Assert.Equal(PollEnd.Complete, (await PollLaterAsync(host)).End);
        Assert.Single(answered);
        Assert.Equal(1, _peer.Connections);
    }

    // NOOP is answered on every connection.
    private void RefuseOnFirstConnection(string command, string says) => _peer.AnswerOverride = received =>
        _peer.Connections == 1 && received.StartsWith(command, StringComparison.Ordinal) ? new($"{{tag}} {says}\r\n") : null;

    private Task<WebApplication> StartAsync(TestPartition partition, Action<LocalSettings>? change = null) => partition.StartPollerAsync(
        settings =>
        {
            _peer.Serve(settings);
            settings["Polling:KeepConnection"] = "00:25:00";
            change?.Invoke(settings);
        },
        services => services.AddSingleton<TimeProvider>(_time));

    // After the back-off of one failure, while connections are still kept.
    private Task<PollResult> PollLaterAsync(WebApplication host)
    {
        _time.Advance(TimeSpan.FromMinutes(20));
        return host.PollAsync();
    }
}
