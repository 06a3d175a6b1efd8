using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Mailboxes of MAILBOXES_FILE are added, changed and removed while the process runs.</summary>
public sealed class MailboxChangesTests(TestServers servers) : IDisposable
{
    private readonly LogLines _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task An_added_mailbox_is_polled_and_a_removed_one_keeps_its_cursor()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var (host, file) = await StartAsync(partition);
        Assert.Empty(await host.PollAllAsync());

        await user.AppendAsync([TestMail.Of(1)]);
        file.Write(file.Mailbox("INBOX"));
        await ReadAgainAsync(host);
        Assert.Equal(1, (await host.PollAsync()).Appended);
        Assert.Equal([partition.Mailbox()], await ListedAsync(partition));

        file.Write("[]");
        await ReadAgainAsync(host);
        Assert.Empty(await host.PollAllAsync());
        await Eventually.TrueAsync(async () => (await ListedAsync(partition)).Length == 0, "the status no longer lists the mailbox");

        await user.AppendAsync([TestMail.Of(2)]);
        file.Write(file.Mailbox("INBOX", ("StartFrom", "now")));
        await ReadAgainAsync(host);
        Assert.Equal(1, (await host.PollAsync()).Appended);
        Assert.Equal(2, (await partition.EmailsAsync()).Count);
    }

    [Fact]
    public async Task The_file_is_read_again_by_itself_also_behind_a_link()
    {
        await using var partition = new TestPartition(servers);
        var (host, file) = await StartAsync(partition);
        // As Kubernetes does it: the file is a link into a folder, and the link to the folder is replaced.
        foreach (var (folder, mailbox) in new[] { ("one", "INBOX"), ("two", "Archive") })
        {
            var content = Path.Combine(Directory.CreateDirectory(Path.Combine(partition.Folder, folder)).FullName, "mailboxes.json");
            File.WriteAllText(content, System.Text.Json.JsonSerializer.Serialize(new[] { file.Mailbox(mailbox) }));
            File.Delete(file.Path);
            File.CreateSymbolicLink(file.Path, content);
            await Eventually.TrueAsync(
                () => Polled(host).Select(polled => polled.Name).SequenceEqual([partition.Mailbox(mailbox)]), $"{mailbox} is polled");
        }
    }

    [Theory]
    [InlineData("[", "it is not JSON")]
    [InlineData("""[{ "Username": "someone" }]""", "MAILBOXES_FILE Mailboxes:0:Password is missing.")]
    [InlineData("""[{ "Username": "a", "Password": "x", "Partition": "elsewhere" }]""", "MAILBOXES_FILE Mailboxes:0:Partition is")]
    [InlineData(
        """[{ "Username": "a", "Password": "x", "Partition": "" }, { "Username": "a", "Password": "x" }]""",
        "MAILBOXES_FILE Mailboxes:0:Partition is")]
    public async Task A_broken_file_is_refused_with_one_line_and_the_former_stays(string text, string says)
    {
        await using var partition = new TestPartition(servers);
        _ = new MailUser(servers, partition.User);
        var (host, file) = await StartAsync(partition);
        file.Write(file.Mailbox("INBOX"));
        await ReadAgainAsync(host);
        var before = Assert.Single(Polled(host));

        file.Write(text);
        for (var time = 0; time < 3; time++)
            await ReadAgainAsync(host);

        Assert.Same(before, Assert.Single(Polled(host)));
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Contains(says, Assert.Single(_log.Of(281)), StringComparison.Ordinal);

        // It is said again only when it changes.
        file.Write("}");
        await ReadAgainAsync(host);
        Assert.Equal(2, _log.Of(281).Count);
        file.Write(file.Mailbox("INBOX"));
        await ReadAgainAsync(host);
        Assert.Same(before, Assert.Single(Polled(host)));
    }

    [Fact]
    public async Task A_name_of_the_settings_and_of_the_file_names_both()
    {
        await using var partition = new TestPartition(servers);
        var (host, file) = await StartAsync(partition, withOwn: true);
        file.Write(file.Mailbox("Archive"), file.Mailbox("INBOX"));
        await ReadAgainAsync(host);
        Assert.Contains(
            $"Mailboxes:0 and MAILBOXES_FILE Mailboxes:1 are the same mailbox, {partition.Mailbox()}:",
            Assert.Single(_log.Of(281)),
            StringComparison.Ordinal);
        Assert.Single(Polled(host));
    }

    [Fact]
    public async Task A_changed_mailbox_loses_its_back_off_and_others_keep_theirs()
    {
        await using var partition = new TestPartition(servers);
        _ = new MailUser(servers, partition.User);
        var (host, file) = await StartAsync(partition);
        var wrong = ("Password", "wrong");
        file.Write(file.Mailbox("INBOX", wrong), file.Mailbox("Archive", wrong));
        await ReadAgainAsync(host);
        foreach (var end in new[] { PollEnd.Failed, PollEnd.Failed, PollEnd.BackingOff })
            Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(end, result.End));

        file.Write(file.Mailbox("Archive", wrong), file.Mailbox("INBOX"));
        await ReadAgainAsync(host);

        var results = await host.PollAllAsync();
        Assert.Equal(PollEnd.Complete, results[partition.Mailbox()].End);
        Assert.Equal(PollEnd.BackingOff, results[partition.Mailbox("Archive")].End);
    }

    [Fact]
    public async Task The_running_poll_of_a_removed_mailbox_ends_and_releases_its_lock()
    {
        await using var partition = new TestPartition(servers);
        using var silent = new SilentServer();
        var (host, file) = await StartAsync(partition);
        file.Write(
            file.Mailbox("INBOX", ("Host", "127.0.0.1"), ("Port", $"{silent.Port}"), ("Security", "None"), ("CertificateAuthority", null)));
        await ReadAgainAsync(host);
        var poll = host.Services.GetRequiredService<MailboxPolls>().Begin(Assert.Single(Polled(host)));
        var key = partition.Keys.MailboxLock(partition.Mailbox());
        await Eventually.TrueAsync(async () => await partition.Database.KeyExistsAsync(key), "the poll has its lock");

        file.Write("[]");
        await ReadAgainAsync(host);

        var ended = await poll.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(PollEnd.Stopped, ended.End);
        Assert.False(await partition.Database.KeyExistsAsync(key));
    }

    private static Task ReadAgainAsync(WebApplication host) => host.Services.GetRequiredService<MailboxChanges>().CheckAsync();

    private static IReadOnlyList<PolledMailbox> Polled(WebApplication host) =>
        host.Services.GetRequiredService<MailboxPolls>().Mailboxes;

    private static async Task<string[]> ListedAsync(TestPartition partition) =>
        [.. (await partition.Partition.Inspector.ReadSnapshotAsync(details: true, TestContext.Current.CancellationToken))
            .Mailboxes.Select(one => one.Name)];

    private async Task<(WebApplication Host, MailboxesJson File)> StartAsync(TestPartition partition, bool withOwn = false)
    {
        var settings = partition.Settings();
        settings["Consumer:Enabled"] = "false";
        if (withOwn)
            partition.AddMailbox(settings);
        var file = new MailboxesJson(partition, settings);
        var host = await partition.StartHostAsync(
            settings, services => services.AddLogging(logging => logging.AddProvider(_log)));
        return (host, file);
    }
}
