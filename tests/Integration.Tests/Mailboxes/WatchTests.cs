using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>A watched mailbox is polled when an email arrives. No timer fires in these tests, except where they say so.</summary>
public sealed class WatchTests(TestServers servers) : IDisposable
{
    private readonly LogLines _log = new();

    private readonly ImapPeer _peer = ImapPeer.WithIdle();

    public void Dispose()
    {
        _peer.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task An_email_that_arrives_in_a_real_mailbox_is_polled()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var settings = partition.PollingSettings();
        settings["Polling:MaxWatched"] = "50";
        await partition.StartHostAsync(settings);
        for (var number = 1; number <= 3; number++)
        {
            await user.AppendAsync([TestMail.Of(number)]);
            await partition.AppendedAsync(number);
        }
    }

    [Fact]
    public async Task The_poll_goes_over_the_connection_of_the_watch()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await IdlingAsync(1);
        await partition.AppendedAsync(3);

        await ArriveAsync(4);
        await partition.AppendedAsync(4);
        await IdlingAsync(1);
        Assert.Equal((1, 1), (_peer.Connections, _peer.MostOpen));
    }

    [Fact]
    public async Task After_an_announcement_the_folder_is_not_opened_again_before_the_poll()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await partition.AppendedAsync(3);
        await IdlingAsync(1);
        _peer.Commands.Clear();

        await ArriveAsync(4);
        await partition.AppendedAsync(4);
        await Eventually.TrueAsync(() => _peer.Commands.Contains("IDLE"), "the watch goes on");

        // The watch opens it again, and finds nothing that the poll has not read.
        var commands = _peer.Commands.Select(command => string.Join(' ', command.Split(' ').Take(2))).ToArray();
        Assert.Equal(["UID SEARCH", "UID FETCH", "EXAMINE F0", "IDLE"], commands);
    }

    [Fact]
    public async Task A_connection_that_ends_after_an_announcement_is_replaced_within_the_poll()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await partition.AppendedAsync(3);
        await IdlingAsync(1);
        var cuts = 1;
        _peer.AnswerOverride = command =>
            command.StartsWith("UID SEARCH", StringComparison.Ordinal) && Interlocked.Exchange(ref cuts, 0) == 1
                ? new PeerAnswer("", ClosesConnection: true)
                : null;

        await ArriveAsync(4);
        await partition.AppendedAsync(4);
        Assert.Equal(0, cuts);
        Assert.Empty(_log.Of(201));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* BYE Autologout; idle for too long\r\n")]
    public async Task A_connection_that_is_cut_while_idling_is_replaced(string says)
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        for (var email = 4; email <= 5; email++)
        {
            await IdlingAsync(1);
            _peer.Count = (uint)email;
            await _peer.PushAsync(says);
            _peer.CutIdle();
            await partition.AppendedAsync(email);
        }

        await IdlingAsync(1);
        Assert.Equal(3, _peer.Connections);
        Assert.Single(_log.Of(283));
    }

    [Fact]
    public async Task A_poll_of_the_watch_that_fails_is_repeated_without_the_timer()
    {
        await using var partition = new TestPartition(servers);
        var cuts = 1;
        _peer.AnswerOverride = command =>
            command.StartsWith("UID SEARCH", StringComparison.Ordinal) && Interlocked.Decrement(ref cuts) >= 0
                ? new PeerAnswer("", ClosesConnection: true)
                : null;

        await StartAsync(partition);

        await partition.AppendedAsync(3);
        Assert.Single(_log.Of(201));
    }

    [Fact]
    public async Task A_server_without_IDLE_is_asked_every_half_minute()
    {
        await using var partition = new TestPartition(servers);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        (_peer.HasIdle, _peer.Greeting) = (false, "* OK [CAPABILITY IMAP4rev1] ready\r\n");
        _peer.AnswerOverride = command => command == "NOOP" ? new($"* {_peer.Count} EXISTS\r\n{{tag}} OK done\r\n") : null;
        // The clock of this test runs faster than the machine works.
        await StartAsync(
            partition,
            change: settings => (settings["Polling:Deadline"], settings["Polling:KeepConnection"]) = ("1.00:00:00", "00:25:00"),
            configure: services => services.AddSingleton<TimeProvider>(time));
        await partition.AppendedAsync(3, time);
        _peer.Count = 4;
        await partition.AppendedAsync(4, time);
        Assert.DoesNotContain("IDLE", _peer.Commands);
        Assert.Equal(1, _peer.MostOpen);
    }

    [Fact]
    public async Task A_server_that_refuses_IDLE_is_asked_every_half_minute()
    {
        await using var partition = new TestPartition(servers);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _peer.HasIdle = false;
        _peer.AnswerOverride = command => command switch
        {
            "IDLE" => new("{tag} NO not for this folder\r\n"),
            "CAPABILITY" => new("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
            "NOOP" => new($"* {_peer.Count} EXISTS\r\n{{tag}} OK done\r\n"),
            _ => null,
        };
        await StartAsync(
            partition,
            change: settings => (settings["Polling:Deadline"], settings["Polling:KeepConnection"]) = ("1.00:00:00", "00:25:00"),
            configure: services => services.AddSingleton<TimeProvider>(time));
        await partition.AppendedAsync(3, time);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return _peer.Commands.Contains("IDLE");
            },
            "it asks for IDLE");
        for (var email = 4; email <= 5; email++)
        {
            _peer.Count = (uint)email;
            await partition.AppendedAsync(email, time);
        }

        Assert.Single(_peer.Commands, command => command == "IDLE");
        Assert.Equal(1, _peer.Connections);
        Assert.Empty(_log.Of(283));
    }

    // Dovecot says no more about a folder that was deleted and created again.
    [Fact]
    public async Task A_folder_is_opened_again_after_a_warning()
    {
        await using var partition = new TestPartition(servers);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await StartAsync(
            partition,
            change: settings => (settings["Polling:Deadline"], settings["Polling:KeepConnection"]) = ("1.00:00:00", "00:25:00"),
            configure: services => services.AddSingleton<TimeProvider>(time));
        await partition.AppendedAsync(3, time);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return _peer.Idling == 1;
            },
            "the mailbox is watched");
        _peer.Count = 4;
        await _peer.PushAsync("* NO Internal error occurred.\r\n");

        await partition.AppendedAsync(4, time);

        Assert.Equal(1, _peer.Connections);
        Assert.Empty(_log.Of(283));
    }

    [Fact]
    public async Task A_real_folder_that_is_renumbered_while_it_is_watched_is_read_once()
    {
        await using var partition = new TestPartition(servers);
        const string Folder = "Watched";
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3), Folder);
        var settings = partition.PollingSettings(Folder);
        settings["Polling:MaxWatched"] = "50";
        await partition.StartHostAsync(settings);
        await partition.AppendedAsync(3);

        await user.RecreateAsync(Folder);
        await user.AppendAsync(TestMail.Many(6), Folder);

        await partition.AppendedAsync(6);
        Assert.Equal(
            FollowUpSteps.Subjects(1, 2, 3, 4, 5, 6),
            (await partition.EmailsAsync()).Select(email => email.Parsed.Subject).Order(StringComparer.Ordinal));
    }

    // No server may do so (RFC 3501, 2.3.1.1): the announced email is read by the former UIDVALIDITY.
    [Fact]
    public async Task A_folder_that_is_renumbered_under_the_watch_loses_and_repeats_no_email()
    {
        await using var partition = new TestPartition(servers);
        var uidValidity = 1;
        _peer.AnswerOverride = command => command.Split(' ') switch
        {
            ["EXAMINE", ..] => new(
                $"* {_peer.Count} EXISTS\r\n* OK [UIDVALIDITY {uidValidity}] ok\r\n* OK [UIDNEXT {_peer.Count + 1}] ok\r\n"
                    + "{tag} OK [READ-ONLY] done\r\n"),
            ["UID", "SEARCH", "SINCE", ..] => new("* SEARCH 1 2 3 4\r\n{tag} OK done\r\n"),
            _ => null,
        };
        await StartAsync(partition);
        await partition.AppendedAsync(3);
        await IdlingAsync(1);

        uidValidity = 2;
        await ArriveAsync(4);
        await Eventually.TrueAsync(async () => (await partition.CursorAsync("F0"))?.Epoch == 1, "the next epoch begins");
        await ArriveAsync(5);
        await partition.AppendedAsync(5);

        Assert.Equal(
            ["1", "2", "3", "4", "5"],
            (await partition.EmailsAsync()).Select(email => email.Parsed.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_timer_finds_what_the_server_does_not_say()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await IdlingAsync(1);
        await partition.AppendedAsync(3);
        _peer.Count = 4;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        await IdlingAsync(1);
        Assert.Equal(1, _peer.MostOpen);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_end_of_IDLE_loses_the_connection()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        await IdlingAsync(1);
        await partition.AppendedAsync(3);
        (_peer.IgnoresDone, _peer.Count) = (true, 4);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public async Task A_server_that_ends_IDLE_by_itself_is_not_asked_again_at_once()
    {
        await using var partition = new TestPartition(servers);
        _peer.HasIdle = false;
        _peer.AnswerOverride = command => command switch
        {
            "IDLE" => new("+ idling\r\n{tag} OK enough\r\n"),
            "CAPABILITY" => new("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
            _ => null,
        };
        var host = await StartAsync(partition);
        await Eventually.TrueAsync(() => _peer.Commands.Contains("IDLE"), "the mailbox is watched");
        for (var poll = 0; poll < 3; poll++)
            Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.InRange(_peer.Commands.Count(command => command == "IDLE"), 1, 10);
    }

    [Fact]
    public async Task A_flood_during_IDLE_ends_the_connection()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition);
        await IdlingAsync(1);
        var flood = string.Concat(Enumerable.Repeat("* 1 FETCH (FLAGS (\\Seen))\r\n", 10_000));
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await _peer.PushAsync(flood);
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    // The connection ends.
                }

                return _peer.Connections > 1;
            },
            "the flooded connection is replaced");
        Assert.Contains("more than 1048576 bytes", Assert.Single(_log.Of(283)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_closes_the_connections_at_once()
    {
        await using var partition = new TestPartition(servers);
        _peer.IgnoresDone = true;
        var host = await StartAsync(partition, folders: 3);
        await IdlingAsync(3);

        await Eventually.EndsAsync(host.StopAsync(TestContext.Current.CancellationToken), "the host has stopped");
        await Eventually.TrueAsync(() => _peer.Open == 0, "every connection is closed", TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task More_mailboxes_than_the_limit_are_polled_and_not_watched()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, folders: 4, settings => settings["Polling:MaxWatched"] = "2");
        await IdlingAsync(2);
        Assert.Equal(
            "Watching 2 of 4 mailboxes, since Polling:MaxWatched is 2. The timer polls the others.", Assert.Single(_log.Of(284)));

        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
        await IdlingAsync(2);
    }

    [Fact]
    public async Task A_mailbox_is_not_watched_if_its_setting_says_so()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition, folders: 2, settings => settings["Mailboxes:0:Watch"] = "false");
        await partition.AppendedAsync(3);
        await IdlingAsync(1);
        Assert.DoesNotContain(_peer.Commands, command => command.StartsWith("EXAMINE F0", StringComparison.Ordinal));
    }

    private Task IdlingAsync(int count) => Eventually.TrueAsync(() => _peer.Idling == count, $"{count} connections idle");

    private Task ArriveAsync(uint count)
    {
        _peer.Count = count;
        return _peer.PushAsync($"* {count} EXISTS\r\n");
    }

    private Task<WebApplication> StartAsync(
        TestPartition partition,
        int folders = 1,
        Action<LocalSettings>? change = null,
        Action<IServiceCollection>? configure = null) =>
        partition.StartWatcherAsync(_peer, _log, folders, change, configure);
}
