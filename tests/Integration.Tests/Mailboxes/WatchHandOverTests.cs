using System.Globalization;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Watches and polls that wait for each other. No timer fires in these tests, except where they say so.</summary>
public sealed class WatchHandOverTests(TestServers servers) : IDisposable
{
    private readonly ImapPeer _peer = ImapPeer.WithIdle();

    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _peer.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Watched_folders_of_an_account_share_its_only_connection_with_the_polls()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, folders: 3);
        await partition.AppendedAsync(9);
        for (var round = 0; round < 3; round++)
            Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
        await IdlingAsync();
        Assert.Equal(1, _peer.MostOpen);
    }

    [Fact]
    public async Task A_folder_is_polled_first_although_another_watch_has_the_only_connection()
    {
        await using var partition = new TestPartition(servers);
        MailboxesJson? file = null;
        var host = await StartAsync(partition, folders: 1, settings => file = new MailboxesJson(partition, settings));
        await partition.AppendedAsync(3);
        await IdlingAsync();

        file!.Write(file.Mailbox(
            "F1",
            ("Host", "127.0.0.1"),
            ("Port", _peer.Port.ToString(CultureInfo.InvariantCulture)),
            ("Security", "None"),
            ("CertificateAuthority", null)));
        await host.Services.GetRequiredService<MailboxChanges>().CheckAsync();

        await partition.AppendedAsync(6);
    }

    [Fact]
    public async Task A_resumed_folder_is_polled_although_another_watch_has_the_only_connection()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, folders: 2);
        var paused = host.Services.GetRequiredService<PolledMailboxes>().All[1];
        var field = ControlState.MailboxPrefix + paused.Name;
        await partition.AppendedAsync(6);
        await partition.Partition.Control.PauseAsync(field, "test", "Test", Cancel);
        await Eventually.TrueAsync(() => paused.Pause.Token.IsCancellationRequested, "the process has noticed");
        _peer.Count = 4;
        Assert.Equal(PollEnd.Complete, (await host.PollAllAsync())[partition.Mailbox("F0")].End);
        await IdlingAsync();

        await partition.Partition.Control.ResumeAsync(field, "test", Cancel);

        await partition.AppendedAsync(8);
    }

    [Fact]
    public async Task More_folders_than_connections_are_watched_in_turn()
    {
        await using var partition = new TestPartition(servers);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        // The clock of this test runs faster than the machine works.
        await StartAsync(
            partition,
            folders: 3,
            settings => (settings["Polling:Deadline"], settings["Polling:KeepConnection"]) = ("1.00:00:00", "00:25:00"),
            services => services.AddSingleton<TimeProvider>(time));
        await partition.AppendedAsync(9, time);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return _peer.Idling == 1;
            },
            "one watch has the connection");

        // The server announces nothing.
        _peer.Count = 4;

        await partition.AppendedAsync(12, time);
        Assert.Equal((1, 1), (_peer.Connections, _peer.MostOpen));
    }

    [Fact]
    public async Task What_another_process_keeps_from_a_poll_is_polled_later()
    {
        await using var partition = new TestPartition(servers);
        await StartAsync(partition, folders: 1);
        await partition.AppendedAsync(3);
        await IdlingAsync();
        var key = partition.Keys.MailboxLock(partition.Mailbox("F0"));
        await partition.Database.StringSetAsync(key, "another process");
        _peer.Count = 4;
        await _peer.PushAsync("* 4 EXISTS\r\n");
        // The new state of the folder causes no other polls.
        await Eventually.TrueAsync(
            () => _log.Of(204).Count(line => line.Contains("Elsewhere", StringComparison.Ordinal)) >= 2, "two polls find the lock");

        await partition.Database.KeyDeleteAsync(key);

        await partition.AppendedAsync(4);
    }

    [Fact]
    public async Task An_email_that_comes_while_a_poll_ends_is_polled()
    {
        await using var partition = new TestPartition(servers);
        using var time = new HeldTime(typeof(MailboxPolls));
        var host = await StartAsync(
            partition, folders: 1, configure: services => services.AddSingleton<TimeProvider>(time));
        await partition.AppendedAsync(3);
        await IdlingAsync();
        // This poll has read the folder, and its watch goes on before it ends.
        time.Hold();
        var poll = host.PollAllAsync();
        await Eventually.TrueAsync(() => time.IsHeld, "the poll is about to end");
        await IdlingAsync();
        _peer.Count = 4;
        await _peer.PushAsync("* 4 EXISTS\r\n");
        await Eventually.TrueAsync(() => _peer.Idling == 0, "the watch finds the email");

        time.Release();

        await partition.AppendedAsync(4);
        await Eventually.EndsAsync(poll, "the poll has ended");
    }

    [Fact]
    public async Task A_watch_that_gives_way_while_its_opening_hangs_has_failed()
    {
        await using var partition = new TestPartition(servers);
        var opened = 0;
        _peer.AnswerOverride = command =>
            command.StartsWith("EXAMINE", StringComparison.Ordinal) && Interlocked.Increment(ref opened) == 2 ? new PeerAnswer("") : null;
        var host = await StartAsync(partition, folders: 1);
        await partition.AppendedAsync(3);
        await Eventually.TrueAsync(() => opened == 2, "the watch opens the folder");

        Assert.Equal(PollEnd.Complete, Assert.Single((await host.PollAllAsync()).Values).End);

        await IdlingAsync();
        Assert.Equal(
            $"{partition.Mailbox("F0")}: watching failed: 127.0.0.1:{_peer.Port} does not answer the opening of the folder. "
                + "The timer polls it meanwhile.",
            Assert.Single(_log.Of(283)));
    }

    private Task IdlingAsync() => Eventually.TrueAsync(() => _peer.Idling == 1, "the connection idles");

    private Task<WebApplication> StartAsync(
        TestPartition partition, int folders, Action<LocalSettings>? change = null, Action<IServiceCollection>? configure = null) =>
        partition.StartWatcherAsync(
            _peer,
            _log,
            folders,
            settings =>
            {
                settings["Polling:ConnectionsPerServer"] = "1";
                change?.Invoke(settings);
            },
            configure);
}
