using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>The poll that begins when an email is announced, while the server has not yet ended the IDLE.</summary>
public sealed class WatchAnnouncementTests(TestServers servers) : IDisposable
{
    private readonly ImapPeer _peer = ImapPeer.WithIdle();

    private readonly TaskCompletionSource _endsIdle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogLines _log = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private IDisposable? _held;

    public void Dispose()
    {
        _held?.Dispose();
        _peer.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task It_asks_Redis_before_the_server_has_ended_the_IDLE()
    {
        await using var partition = new TestPartition(servers);
        await AnnouncedAsync(partition);
        await LockedAsync(partition);

        _endsIdle.SetResult();

        await partition.AppendedAsync(4, _time);
        Assert.Equal(1, _peer.Connections);
    }

    [Fact]
    public async Task It_asks_again_if_the_IDLE_has_not_ended_within_a_second()
    {
        await using var partition = new TestPartition(servers);
        await AnnouncedAsync(partition);
        await LockedAsync(partition);
        await partition.Database.StringSetAsync(Lock(partition), "another process");
        _time.Advance(TimeSpan.FromSeconds(1));

        _endsIdle.SetResult();

        await Eventually.TrueAsync(
            () => _log.Of(204).Any(line => line.Contains("Elsewhere", StringComparison.Ordinal)), "the poll finds the lock");
        await partition.Database.KeyDeleteAsync(Lock(partition));
        await partition.AppendedAsync(4, _time);
    }

    [Fact]
    public async Task It_releases_its_mailbox_lock_if_the_IDLE_has_not_ended_within_a_second()
    {
        await using var partition = new TestPartition(servers);
        await AnnouncedAsync(partition);

        await ReleasedAsync(partition);

        _endsIdle.SetResult();
        await partition.AppendedAsync(4, _time);
    }

    [Fact]
    public async Task It_releases_its_mailbox_lock_if_it_gets_no_place_within_a_second()
    {
        await using var partition = new TestPartition(servers);
        _endsIdle.SetResult();
        await AnnouncedAsync(
            partition,
            async host => await host.Services.GetRequiredService<PollPlaces>().AcquireAsync(
                new MailboxOptions { Host = "other.test", Username = "other" }, TestContext.Current.CancellationToken));

        await ReleasedAsync(partition);

        // The place that hangs is given up.
        await partition.AppendedAsync(4, _time);
    }

    [Fact]
    public async Task It_connects_itself_if_the_server_ends_the_connection()
    {
        await using var partition = new TestPartition(servers);
        await AnnouncedAsync(partition);
        await LockedAsync(partition);

        _endsIdle.SetException(new IOException("cut"));

        // Without a further second of the clock, after which the watch would poll.
        await partition.AppendedAsync(4);
        Assert.Equal(2, _peer.Connections);
    }

    [Fact]
    public async Task A_stop_releases_its_mailbox_lock()
    {
        await using var partition = new TestPartition(servers);
        var host = await AnnouncedAsync(partition);
        await LockedAsync(partition);

        await Eventually.EndsAsync(host.StopAsync(TestContext.Current.CancellationToken), "the host has stopped");

        Assert.False(await partition.Database.KeyExistsAsync(Lock(partition)));
    }

    private static string Lock(TestPartition partition) => partition.Keys.MailboxLock(partition.Mailbox("F0")).ToString();

    private static Task LockedAsync(TestPartition partition) =>
        Eventually.TrueAsync(async () => await partition.Database.KeyExistsAsync(Lock(partition)), "the poll has the lock");

    // The lock is released while the poll still waits. It cannot expire.
    private async Task ReleasedAsync(TestPartition partition)
    {
        await LockedAsync(partition);
        await partition.Database.KeyPersistAsync(Lock(partition));
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return !await partition.Database.KeyExistsAsync(Lock(partition));
            },
            "the lock is released");
        Assert.Equal(3, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
    }

    // The server has announced a fourth email, and the watch has asked it to end the IDLE.
    private async Task<WebApplication> AnnouncedAsync(TestPartition partition, Func<WebApplication, Task<IDisposable>>? before = null)
    {
        // The clock of these tests runs faster than the machine works.
        var host = await partition.StartWatcherAsync(
            _peer,
            _log,
            change: settings => (settings["Polling:Deadline"], settings["Polling:Parallel"]) = ("1.00:00:00", "1"),
            configure: services => services.AddSingleton<TimeProvider>(_time));
        await partition.AppendedAsync(3, _time);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _peer.Idling == 1;
            },
            "the connection idles");
        await Eventually.TrueAsync(async () => !await partition.Database.KeyExistsAsync(Lock(partition)), "no poll runs");
        _held = before is null ? null : await before(host);
        (_peer.EndsIdle, _peer.Count) = (_endsIdle.Task, 4);
        await _peer.PushAsync("* 4 EXISTS\r\n");
        return host;
    }
}
