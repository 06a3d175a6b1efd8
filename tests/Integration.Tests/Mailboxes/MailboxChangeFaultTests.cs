using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests changes of MAILBOXES_FILE that fail at first, and changes that must not be made.</summary>
public sealed class MailboxChangeFaultTests(TestServers servers) : IDisposable
{
    private const int Changed = 280;
    private const int Refused = 281;
    private const int Broken = 282;

    private readonly LogLines _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_file_that_refers_to_one_that_comes_later_is_used_then()
    {
        await using var partition = new TestPartition(servers);
        _ = new MailUser(servers, partition.User);
        var (host, file) = await StartAsync(partition, partition.Settings());
        var authority = file.Mailbox("INBOX")["CertificateAuthority"]!;
        var later = Path.Combine(partition.Folder, "later.pem");
        file.Write(file.Mailbox("INBOX", ("CertificateAuthority", later)));
        for (var time = 0; time < 3; time++)
            await ReadAgainAsync(host);
        Assert.Empty(Polled(host));
        Assert.Contains("CertificateAuthority", Assert.Single(_log.Of(Refused)), StringComparison.Ordinal);

        File.Copy(authority, later);
        await ReadAgainAsync(host);

        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        await ReadAgainAsync(host);
        Assert.Single(_log.Of(Changed));
    }

    [Fact]
    public async Task A_change_that_fails_half_way_is_made_again_and_logged_once()
    {
        await using var partition = new TestPartition(servers);
        var (host, file) = await StartAsync(partition, partition.Settings());
        var list = host.Services.GetRequiredService<MailboxList>();
        static void Throw() => throw new InvalidOperationException("A fault of ours.");
        list.Changed += Throw;
        file.Write(file.Mailbox("INBOX"));
        for (var time = 0; time < 3; time++)
            await ReadAgainAsync(host);
        Assert.Single(_log.Of(Broken));
        Assert.Empty(_log.Of(Changed));

        list.Changed -= Throw;
        await ReadAgainAsync(host);
        Assert.Single(_log.Of(Changed));
        Assert.Single(Polled(host));
    }

    [Fact]
    public async Task The_partition_of_a_known_mailbox_cannot_change()
    {
        await using var partition = new TestPartition(servers);
        var settings = partition.Settings();
        settings["Streams:Partitions:1"] = $"{partition.Name}-b";
        var (host, file) = await StartAsync(partition, settings);
        file.Write(file.Mailbox("INBOX"));
        await ReadAgainAsync(host);
        var before = Assert.Single(Polled(host));

        file.Write(file.Mailbox("INBOX", ("Partition", $"{partition.Name}-b")), file.Mailbox("Archive"));
        await ReadAgainAsync(host);

        Assert.Same(before, Assert.Single(Polled(host)));
        Assert.Equal(
            $"Refused the change of the mailboxes in {file.Path}; the former ones stay: MAILBOXES_FILE Mailboxes:0:Partition of "
            + $"{partition.Mailbox()} is '{partition.Name}-b', and was '{partition.Name}'. It cannot change while the process runs: "
            + "move the mailbox's cursor, then restart (docs/runbook.md).",
            Assert.Single(_log.Of(Refused)));
    }

    [Fact]
    public async Task A_mailbox_added_again_while_its_former_poll_ends_stays_listed()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([TestMail.Of(1)]);
        await user.AppendAsync([TestMail.Of(1)], folder: "Archive");
        using var blocked = new SemaphoreSlim(0);
        using var going = new SemaphoreSlim(2);
        void Block()
        {
            if (going.Wait(0))
                return;
            blocked.Release();
            Assert.True(going.Wait(TimeSpan.FromSeconds(60)));
        }

        IMailbox Connect(MailboxOptions options) =>
            new HookedMailbox(new ImapMailbox(options, TimeSpan.FromSeconds(20), new PollingOptions().MaxMessageBytes))
            {
                FetchingBodies = Block,
            };

        var (host, file) = await StartAsync(
            partition, partition.Settings(), services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(Connect));
        var (inbox, archive) = (file.Mailbox("INBOX"), file.Mailbox("Archive"));
        file.Write(inbox, archive);
        await ReadAgainAsync(host);
        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
        await user.AppendAsync([TestMail.Of(2)]);
        var poll = host.Services.GetRequiredService<MailboxPolls>().Begin(Polled(host)[0]);
        Assert.True(await blocked.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        file.Write(archive);
        await ReadAgainAsync(host);
        file.Write(inbox, archive);
        await ReadAgainAsync(host);
        going.Release();
        Assert.Equal(PollEnd.Stopped, (await poll).End);

        // The other one is removed later, so it is unlisted later.
        file.Write(inbox);
        await ReadAgainAsync(host);
        await Eventually.TrueAsync(
            async () => !(await ListedAsync(partition)).Contains(partition.Mailbox("Archive")), "the removed one is not listed");
        Assert.Equal([partition.Mailbox()], await ListedAsync(partition));
    }

    private static Task ReadAgainAsync(WebApplication host) => host.Services.GetRequiredService<MailboxChanges>().CheckAsync();

    private static IReadOnlyList<PolledMailbox> Polled(WebApplication host) =>
        host.Services.GetRequiredService<MailboxPolls>().Mailboxes;

    private static async Task<string[]> ListedAsync(TestPartition partition) =>
        [.. (await partition.Partition.Inspector.ReadSnapshotAsync(details: true, TestContext.Current.CancellationToken))
            .Mailboxes.Select(one => one.Name)];

    private async Task<(WebApplication Host, MailboxesJson File)> StartAsync(
        TestPartition partition, LocalSettings settings, Action<IServiceCollection>? change = null)
    {
        settings["Consumer:Enabled"] = "false";
        var file = new MailboxesJson(partition, settings);
        var host = await partition.StartHostAsync(
            settings,
            services =>
            {
                services.AddLogging(logging => logging.AddProvider(_log));
                change?.Invoke(services);
            });
        return (host, file);
    }
}
