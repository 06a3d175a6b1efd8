using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests folders that share the connections of their account, and faults of those connections.</summary>
public sealed class SharedConnectionTests(TestServers servers) : IDisposable
{
    private static readonly PollResult Read = new(PollEnd.Complete, Appended: 3);

    private readonly ManualResetEventSlim _goesOn = new();

    // It goes on only where a test says so: no deadline passes on a busy machine.
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _goesOn.Dispose();

    [Fact]
    public async Task One_login_serves_the_folders_of_an_account_in_turn()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();

        var results = await PollAsync(partition, peer, folders: 5, connections: 1);

        Assert.All(results.Values, result => Assert.Equal(Read, result));
        Assert.Equal((1, 1), (peer.Connections, peer.MostOpen));
    }

    [Fact]
    public async Task A_folder_that_hangs_blocks_only_its_own_connection()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        peer.AnswerOverride = command =>
        {
            if (command.StartsWith("EXAMINE F0", StringComparison.Ordinal))
                _goesOn.Wait(TimeSpan.FromMinutes(3));
            return null;
        };
        var host = await StartAsync(partition, Settings(partition, peer, folders: 6, connections: 2));
        var polls = host.Services.GetRequiredService<PollService>();

        var all = polls.PollAllAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == 15, "the other five folders are read");
        _goesOn.Set();

        Assert.All((await all).Values, result => Assert.Equal(Read, result));
        Assert.Equal(2, peer.MostOpen);
    }

    [Fact]
    public async Task While_one_account_waits_for_a_connection_another_is_read()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        peer.AnswerOverride = command =>
        {
            if (command.StartsWith("EXAMINE F", StringComparison.Ordinal))
                _goesOn.Wait(TimeSpan.FromMinutes(3));
            return null;
        };
        var settings = Settings(partition, peer, folders: 6, connections: 1);
        settings["Polling:Parallel"] = "2";
        partition.AddMailbox(settings, index: 6);
        peer.Serve(settings, 6);
        settings["Mailboxes:6:Username"] = "other@example.test";
        var host = await StartAsync(partition, settings);

        var all = host.Services.GetRequiredService<PollService>().PollAllAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == 3, "the other account is read");
        _goesOn.Set();

        Assert.All((await all).Values, result => Assert.Equal(Read, result));
    }

    [Fact]
    public async Task A_wait_for_a_connection_is_not_a_failure()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        using var hangs = new ManualResetEventSlim();
        peer.AnswerOverride = command =>
        {
            if (command.StartsWith("EXAMINE F0", StringComparison.Ordinal))
            {
                hangs.Set();
                _goesOn.Wait(TimeSpan.FromMinutes(3));
            }

            return null;
        };
        // The first poll uses all of its time. The polls behind it still get theirs.
        var polling = PollAsync(
            partition, peer, folders: 3, connections: 1, settings => settings["Polling:Deadline"] = "00:00:03");
        await Eventually.TrueAsync(() => hangs.IsSet, "the first folder hangs");
        _time.Advance(TimeSpan.FromSeconds(3));
        var results = await polling;
        _goesOn.Set();

        Assert.Equal(PollEnd.Failed, results[partition.Mailbox("F0")].End);
        Assert.Equal(Read, results[partition.Mailbox("F1")]);
        Assert.Equal(Read, results[partition.Mailbox("F2")]);
        Assert.Equal(2, peer.Connections);
    }

    [Theory]
    [InlineData("* BYE timeout\r\n")]
    [InlineData("")]
    public async Task A_connection_that_the_server_has_closed_is_replaced(string says)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var examined = 0;
        peer.AnswerOverride = command => command.StartsWith("EXAMINE", StringComparison.Ordinal) && ++examined == 2
            ? new PeerAnswer(says, ClosesConnection: true)
            : null;

        var results = await PollAsync(partition, peer, folders: 3, connections: 1);

        Assert.All(results.Values, result => Assert.Equal(Read, result));
        Assert.Equal(2, peer.Connections);
    }

    [Fact]
    public async Task A_failed_connection_is_not_reused()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var bodies = 0;
        // The server sends junk instead of two answers, and the connection stays open. The poll connects again after the first one.
        peer.AnswerOverride = command => command.Contains("BODY.PEEK", StringComparison.Ordinal) && ++bodies <= 2
            ? new PeerAnswer($"* 1 FETCH (BODYSTRUCTURE {new string('(', 100)}\r\n")
            : null;

        var results = await PollAsync(partition, peer, folders: 3, connections: 1);

        Assert.Equal([PollEnd.Complete, PollEnd.Complete, PollEnd.Failed], results.Values.Select(result => result.End).Order());
        Assert.Equal(3, peer.Connections);
    }

    [Fact]
    public async Task A_missing_folder_causes_no_new_login_for_the_others()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        peer.AnswerOverride = command => command.StartsWith("EXAMINE F0", StringComparison.Ordinal)
            ? new("{tag} NO [NONEXISTENT] There is no such folder.\r\n")
            : null;

        var results = await PollAsync(partition, peer, folders: 3, connections: 1);

        Assert.StartsWith(
            $"127.0.0.1:{peer.Port} does not open folder 'F0' for {partition.User}: There is no such folder.",
            results[partition.Mailbox("F0")].Error,
            StringComparison.Ordinal);
        Assert.Equal(Read, results[partition.Mailbox("F1")]);
        Assert.Equal(Read, results[partition.Mailbox("F2")]);
        Assert.Equal(1, peer.Connections);
    }

    [Fact]
    public async Task Mailboxes_that_log_in_differently_share_the_limit_but_no_connection()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n" };

        var results = await PollAsync(
            partition,
            peer,
            folders: 4,
            connections: 1,
            settings => settings["Mailboxes:1:SaslMechanism"] = settings["Mailboxes:3:SaslMechanism"] = "LOGIN");

        Assert.All(results.Values, result => Assert.Equal(Read, result));
        Assert.InRange(peer.Connections, 2, 4);
        Assert.Equal(1, peer.MostOpen);
    }

    [Fact]
    public async Task A_limit_for_the_host_applies_to_all_accounts_together()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();

        var results = await PollAsync(
            partition,
            peer,
            folders: 8,
            connections: 3,
            settings =>
            {
                settings["Polling:ConnectionsPerHost"] = "2";
                for (var index = 0; index < 8; index++)
                    settings[$"Mailboxes:{index}:Username"] = $"user{index / 2}@example.test";
            });

        Assert.All(results.Values, result => Assert.Equal(Read, result));
        Assert.InRange(peer.MostOpen, 1, 2);
    }

    [Fact]
    public async Task A_folder_polled_again_at_once_is_opened_again()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var host = await StartAsync(partition, Settings(partition, peer, folders: 2, connections: 2));
        await host.PollAllAsync();
        peer.Count = 4;

        var results = await host.PollAllAsync();

        Assert.All(results.Values, result => Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), result));
    }

    private async Task<IReadOnlyDictionary<string, PollResult>> PollAsync(
        TestPartition partition, ImapPeer peer, int folders, int connections, Action<LocalSettings>? change = null)
    {
        var settings = Settings(partition, peer, folders, connections);
        change?.Invoke(settings);
        return await (await StartAsync(partition, settings)).PollAllAsync();
    }

    private Task<WebApplication> StartAsync(TestPartition partition, LocalSettings settings) =>
        partition.StartHostAsync(settings, services => services.AddSingleton<TimeProvider>(_time));

    private static LocalSettings Settings(TestPartition partition, ImapPeer peer, int folders, int connections)
    {
        var settings = partition.PollingSettings();
        settings["Polling:ConnectionsPerServer"] = connections.ToString(CultureInfo.InvariantCulture);
        for (var index = 0; index < folders; index++)
        {
            partition.AddMailbox(settings, $"F{index}", index: index);
            peer.Serve(settings, index);
        }

        return settings;
    }
}
