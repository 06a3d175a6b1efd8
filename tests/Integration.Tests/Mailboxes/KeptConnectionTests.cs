using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Connections are kept between polls, and checked before they are used.</summary>
public sealed class KeptConnectionTests(TestServers servers) : IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ImapPeer _peer = new();

    public void Dispose() => _peer.Dispose();

    [Fact]
    public async Task The_next_poll_opens_the_folder_again_on_the_same_connection()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        Assert.Equal(3, (await host.PollAsync()).Appended);
        foreach (var count in new uint[] { 3, 5, 5 })
        {
            var before = _peer.Count;
            _peer.Count = count;
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(new PollResult(PollEnd.Complete, Appended: (int)(count - before)), await host.PollAsync());
        }

        Assert.Equal(1, _peer.Connections);
        Assert.Equal(4, _peer.Commands.Count(command => command.StartsWith("EXAMINE", StringComparison.Ordinal)));
        Assert.Equal(3, _peer.Commands.Count(command => command == "NOOP"));
    }

    [Theory]
    [InlineData("00:00:00", 1)]
    [InlineData("00:02:00", 3)]
    public async Task A_connection_is_kept_no_longer_than_the_setting_says(string kept, int minutes)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, settings => settings["Polling:KeepConnection"] = kept);
        await host.PollAsync();
        _time.Advance(TimeSpan.FromMinutes(minutes));
        await Eventually.TrueAsync(() => _peer.Open == 0, "the connection is closed");

        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Equal(2, _peer.Connections);
    }

    [Theory]
    [InlineData("* BYE timeout\r\n", true)]
    [InlineData("", true)]
    // It says nothing, as after a firewall has forgotten the connection.
    [InlineData("", false)]
    public async Task A_dead_connection_is_replaced_within_the_same_poll(string says, bool closes)
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await host.PollAsync();
        _peer.AnswerOverride = command => command == "NOOP" ? new PeerAnswer(says, closes) : null;
        _peer.Count = 4;
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public async Task A_kept_connection_gives_way_to_another_login_of_the_account()
    {
        await using var partition = new TestPartition(servers);
        _peer.Greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n";
        var host = await StartAsync(
            partition,
            settings =>
            {
                settings["Polling:ConnectionsPerServer"] = "1";
                partition.AddMailbox(settings, "Other", index: 1);
                _peer.Serve(settings, 1);
                settings["Mailboxes:1:SaslMechanism"] = "LOGIN";
            });
        for (var round = 0; round < 3; round++)
        {
            Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(1, _peer.MostOpen);
    }

    [Fact]
    public async Task A_folder_renumbered_between_two_polls_is_noticed()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await host.PollAsync();
        _peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal)
            ? new("* 3 EXISTS\r\n* OK [UIDVALIDITY 8] new\r\n* OK [UIDNEXT 4] next\r\n{tag} OK [READ-ONLY] done\r\n")
            : command.Contains("SINCE", StringComparison.Ordinal) ? new("* SEARCH 1 2 3\r\n{tag} OK done\r\n") : null;

        Assert.Equal(new PollResult(PollEnd.Complete, Duplicates: 3), await host.PollAsync());
        Assert.Equal(1, _peer.Connections);
    }

    // A UIDNEXT of the first opening would look like a renumbering once the emails above it are gone.
    [Fact]
    public async Task A_next_UID_that_is_not_sent_again_is_unknown()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await host.PollAsync();
        _peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal)
            ? new($"* {_peer.Count} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{{tag}} OK [READ-ONLY] done\r\n")
            : null;
        _peer.Count = 6;
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
        _peer.Count = 2;

        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());
        Assert.Equal(0, (await partition.CursorAsync())!.Epoch);
    }

    private Task<WebApplication> StartAsync(TestPartition partition, Action<LocalSettings>? change = null) => partition.StartPollerAsync(
        settings =>
        {
            _peer.Serve(settings);
            change?.Invoke(settings);
        },
        services => services.AddSingleton<TimeProvider>(_time));
}
