using System.Text.Json.Nodes;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests a Redis without persistence that is killed and comes back empty. StartFrom is "now".</summary>
public sealed class EmptyRedisTests(TestServers servers) : IAsyncLifetime
{
    private readonly TestPartition _partition = new(servers);
    private OwnRedisServer _redis = null!;
    private StreamPartition _kept = null!;
    private MailUser _user = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await OwnRedisServer.StartAsync(new RedisProcessOptions());
        _kept = new StreamPartition(_partition.Name, _redis.Connection, _redis.Options, TimeProvider.System);
        _user = new MailUser(servers, _partition.User);
    }

    public async ValueTask DisposeAsync()
    {
        await _partition.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_has_polled_before_reads_on_and_loses_no_queued_mail()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var host = await StartAsync();
        Assert.Equal(0, await PollAsync(host));
        await _user.AppendAsync(TestMail.Many(20, first: 6));
        Assert.Equal(20, await PollAsync(host));
        var before = await IdsAsync();

        await _redis.CrashAndRestartAsync();
        await _user.AppendAsync(TestMail.Many(2, first: 26));

        Assert.Equal(22, await PollAsync(host));
        // The IDs are the same, so a receiver recognizes repeats.
        Assert.Equal(before, (await IdsAsync()).Take(20));
        Assert.Equal(Enumerable.Range(6, 22).Select(uid => (uint)uid), await UidsAsync());
        Assert.Equal(0, await PollAsync(host));
    }

    [Fact]
    public async Task The_loss_of_Redis_is_in_the_log_and_in_the_status()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var host = await StartAsync();
        await PollAsync(host);

        await _redis.CrashAndRestartAsync();
        await PollAsync(host);

        var line = Assert.Single(host.Services.GetFakeLogCollector().GetSnapshot(), line => line.Level == LogLevel.Error).Message;
        Assert.StartsWith($"{_partition.Mailbox()}: Redis lost its data before ", line, StringComparison.Ordinal);
        Assert.Contains("Reading on above UID 5", line, StringComparison.Ordinal);
        Assert.Contains("delete its hint too", line, StringComparison.Ordinal);
        var snapshot = await _kept.Inspector.ReadSnapshotAsync(details: true, TestContext.Current.CancellationToken);
        Assert.Equal(line, Assert.Single(snapshot.Mailboxes).Warning);
        // The group exists again.
        Assert.Equal(0, snapshot.Lag);
    }

    [Fact]
    public async Task Settled_mail_is_not_read_again()
    {
        var host = await StartAsync();
        await PollAsync(host);
        await _user.AppendAsync(TestMail.Many(10));
        await PollAsync(host);
        await SettleAsync(10);
        await _user.AppendAsync(TestMail.Many(3, first: 11));
        await PollAsync(host);

        await _redis.CrashAndRestartAsync();

        Assert.Equal(3, await PollAsync(host));
        Assert.Equal([11u, 12u, 13u], await UidsAsync());
    }

    [Fact]
    public async Task A_mail_that_is_still_pending_is_read_again()
    {
        var host = await StartAsync();
        await PollAsync(host);
        await _user.AppendAsync(TestMail.Many(2));
        await PollAsync(host);
        await SettleAsync(4, keepPending: 1);
        await _user.AppendAsync(TestMail.Many(2, first: 3));
        await PollAsync(host);
        await SettleAsync(4);
        await PollAsync(host);

        await _redis.CrashAndRestartAsync();

        Assert.True(await PollAsync(host) >= 3);
        Assert.Contains(2u, await UidsAsync());
    }

    // A consumer makes the stream again, and other mailboxes may have emails in it that are settled.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_Redis_that_is_lost_between_two_questions_of_a_poll_settles_nothing(int others)
    {
        var isLost = false;
        var host = await StartAsync(configure: services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(
            options => new HookedMailbox(new ImapMailbox(options, TimeSpan.FromSeconds(20), new PollingOptions().MaxMessageBytes))
            {
                Opened = () =>
                {
                    if (isLost)
                        LoseAsync(others).GetAwaiter().GetResult();
                    isLost = false;
                },
            }));
        await PollAsync(host);
        await _user.AppendAsync(TestMail.Many(10));
        await PollAsync(host);

        isLost = true;
        await PollAsync(host);
        await PollAsync(host);

        Assert.Equal(
            Enumerable.Range(1, 10).Select(uid => (uint)uid),
            (await EmailsAsync()).Where(email => email.Mailbox == _partition.Mailbox()).Select(email => email.Uid));
    }

    [Fact]
    public async Task A_new_process_reads_on_from_the_hint_of_the_one_before()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var host = await StartAsync();
        await PollAsync(host);
        await _user.AppendAsync(TestMail.Many(20, first: 6));
        await PollAsync(host);
        await host.StopAsync(TestContext.Current.CancellationToken);

        await _redis.CrashAndRestartAsync();
        await _user.AppendAsync(TestMail.Many(2, first: 26));

        Assert.Equal(22, await PollAsync(await StartAsync()));
    }

    [Fact]
    public async Task A_hint_without_settled_UIDs_reads_back_to_the_start_of_the_window()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var first = await StartAsync(settings => settings["Polling:HintFolder"] = "");
        await PollAsync(first);
        await _user.AppendAsync(TestMail.Many(20, first: 6));
        await PollAsync(first);
        await first.StopAsync(TestContext.Current.CancellationToken);
        var second = await StartAsync();
        await PollAsync(second);

        await _redis.CrashAndRestartAsync();
        await _user.AppendAsync(TestMail.Many(2, first: 26));

        await PollAsync(second);
        Assert.Equal(Enumerable.Range(6, 22).Select(uid => (uint)uid), (await UidsAsync()).Where(uid => uid > 5));
    }

    [Fact]
    public async Task A_process_without_a_hint_starts_with_new_mail()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var host = await StartAsync(settings => settings["Polling:HintFolder"] = "");
        await PollAsync(host);
        await host.StopAsync(TestContext.Current.CancellationToken);

        await _redis.CrashAndRestartAsync();
        var next = await StartAsync(settings => settings["Polling:HintFolder"] = "");

        Assert.Equal(0, await PollAsync(next));
        Assert.DoesNotContain(next.Services.GetFakeLogCollector().GetSnapshot(), line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_process_with_a_hint_completes_what_one_without_a_hint_started()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var knows = await StartAsync();
        await PollAsync(knows);
        await _user.AppendAsync(TestMail.Many(4, first: 6));
        await PollAsync(knows);
        await _redis.CrashAndRestartAsync();
        var begins = await StartAsync(settings => settings["Polling:HintFolder"] = "");
        await PollAsync(begins);
        await _user.AppendAsync(TestMail.Many(2, first: 10));
        Assert.Equal(2, await PollAsync(begins));

        Assert.Equal(4, await PollAsync(knows));

        Assert.Equal([6u, 7u, 8u, 9u, 10u, 11u], (await UidsAsync()).Order());
        Assert.Equal(0, await PollAsync(knows));
        Assert.Equal(0, await PollAsync(begins));
    }

    [Fact]
    public async Task A_folder_with_a_new_epoch_since_the_hint_is_read_again()
    {
        const string Folder = "Projects";
        await _user.AppendAsync([TestMail.Of(1)], Folder);
        var host = await StartAsync(folder: Folder);
        await PollAsync(host);
        await _user.AppendAsync(TestMail.Many(3, first: 2), Folder);
        await PollAsync(host);

        await _redis.CrashAndRestartAsync();
        await _user.RecreateAsync(Folder);
        await _user.AppendAsync(TestMail.Many(4), Folder);

        Assert.Equal(4, await PollAsync(host));
        Assert.Equal(
            1, (await _kept.Stream.Mailboxes.ReadCursorAsync(_partition.Mailbox(Folder), TestContext.Current.CancellationToken))!.Epoch);
    }

    [Fact]
    public async Task The_hint_is_a_small_file_that_only_its_owner_can_read()
    {
        await _user.AppendAsync(TestMail.Many(5));
        var host = await StartAsync();
        await PollAsync(host);
        await host.StopAsync(TestContext.Current.CancellationToken);

        var file = Assert.Single(Directory.GetFiles(HintFolder));
        Assert.EndsWith("@example.test%2FINBOX.json", file, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(HintFolder).UnixFileMode);
        var hint = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        Assert.Equal((5, 5), ((int)hint["last"]!, (int)hint["settled"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData(
        """{"mailbox":"another/INBOX","epoch":0,"uidValidity":1,"last":1,"settled":1,"settledAt":"""
        + """null,"first":"2026-01-01T00:00:00+00:00","lastSuccess":null}""")]
    public async Task A_damaged_hint_is_only_a_warning(string text)
    {
        Directory.CreateDirectory(HintFolder);
        await File.WriteAllTextAsync(
            Path.Combine(HintFolder, $"{_partition.User}%2FINBOX.json"), text, TestContext.Current.CancellationToken);
        var host = await StartAsync();

        Assert.Equal(0, await PollAsync(host));
        await _user.AppendAsync(TestMail.Many(1));
        Assert.Equal(1, await PollAsync(host));

        Assert.Single(Lines(host), line => line.Contains("cannot read the hint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hint_folder_that_cannot_be_written_is_only_one_warning()
    {
        await File.WriteAllTextAsync(HintFolder, "This is a file.", TestContext.Current.CancellationToken);
        var host = await StartAsync();

        for (var poll = 0; poll < 3; poll++)
            await PollAsync(host);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Single(Lines(host), line => line.Contains("Cannot write the hint", StringComparison.Ordinal));
    }

    private string HintFolder => Path.Combine(_partition.Folder, "hints");

    private static IEnumerable<string> Lines(WebApplication host) =>
        host.Services.GetFakeLogCollector().GetSnapshot().Where(line => line.Level == LogLevel.Warning).Select(line => line.Message);

    private async Task LoseAsync(int others)
    {
        await _redis.Database.ExecuteAsync("FLUSHALL");
        await _kept.Stream.EnsureGroupAsync(TestContext.Current.CancellationToken);
        if (others == 0)
            return;
        await Mails.AppendAsync(_kept.Stream, others);
        await SettleAsync(others);
    }

    private Task<WebApplication> StartAsync(
        Action<LocalSettings>? change = null, string folder = "INBOX", Action<IServiceCollection>? configure = null)
    {
        var settings = _partition.PollingSettings(folder, startFrom: "now");
        settings["Streams:ConnectionString"] = _redis.Options.Value.ConnectionString;
        change?.Invoke(settings);
        return _partition.StartHostAsync(settings, services =>
        {
            services.AddLogging(logging => logging.AddFakeLogging());
            configure?.Invoke(services);
        });
    }

    // Polls until Redis is back and the end of the mailbox is reached; returns how many emails were appended.
    private static async Task<int> PollAsync(WebApplication host)
    {
        var appended = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var polls = await host.PollAllAsync();
                appended += polls.Values.Sum(poll => poll.Appended);
                return polls.Values.SingleOrDefault()?.End == PollEnd.Complete;
            },
            "the end of the mailbox is reached");
        return appended;
    }

    private async Task SettleAsync(int count, int keepPending = 0)
    {
        await using var group = _kept.Join("settles", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(count, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await group.SettleAsync([.. deliveries.SkipLast(keepPending)], TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<string>> IdsAsync() => [.. (await EmailsAsync()).Select(email => $"{email.Id}")];

    private async Task<IReadOnlyList<uint>> UidsAsync() => [.. (await EmailsAsync()).Select(email => email.Uid)];

    private async Task<IEnumerable<EmailMessage>> EmailsAsync() =>
        (await _redis.Database.StreamRangeAsync(_kept.Keys.Stream)).Select(entry => EntryCodec.Decode(entry.Values, out _).Message!);
}
