using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Downloads;

/// <summary>Tests how much mail an account downloads within 24 hours, on a real mail server.</summary>
public sealed class DownloadBudgetTests(TestServers servers)
{
    private const int Size = 1_000;

    // Two parts and a bit.
    private const int Large = (2 * BodyPass.PartBytes) + 1_000_003;

    [Fact]
    public async Task Polling_stops_at_ninety_percent_and_goes_on_when_the_window_frees()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(30));
        var (time, lines) = (new ShiftedTime(), new LogLines());
        var poller = await StartAsync(partition, "10000", time, lines);

        var first = await poller.PollAsync();
        var second = await poller.PollAsync();

        Assert.Equal((PollEnd.DownloadLimit, 9), (first.End, first.Appended));
        Assert.Equal((PollEnd.DownloadLimit, 0), (second.End, second.Appended));
        Assert.Contains("Polling:DailyDownloadBytes", Assert.Single(lines.Of(256)), StringComparison.Ordinal);
        var mailbox = (await partition.ReadSnapshotAsync()).Mailboxes.Single();
        Assert.StartsWith("waits: the account has downloaded", mailbox.Error, StringComparison.Ordinal);
        Assert.False(mailbox.IsParked);

        time.Shift = TimeSpan.FromHours(23);
        Assert.Equal(PollEnd.DownloadLimit, (await poller.PollAsync()).End);
        time.Shift = TimeSpan.FromHours(26);
        Assert.Equal(9, (await poller.PollAsync()).Appended);
        time.Shift = TimeSpan.FromHours(52);
        Assert.Equal(9, (await poller.PollAsync()).Appended);
        time.Shift = TimeSpan.FromHours(78);
        Assert.Equal((PollEnd.Complete, 3), (await poller.PollAsync()) is var last ? (last.End, last.Appended) : default);
        Assert.Null((await partition.ReadSnapshotAsync()).Mailboxes.Single().Error);
        Assert.Equal(Mails(30).Texts(), (await partition.EmailsAsync()).Texts());
        // One line for the whole wait, and one for its end.
        Assert.Equal((1, 1), (lines.Of(256).Count, lines.Of(202).Count));
    }

    [Fact]
    public async Task A_poll_that_must_wait_does_not_connect()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(5));
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await StartAsync(partition, "3000", change: settings =>
        {
            settings.By(relay);
            settings["Polling:KeepConnection"] = "00:00:00";
        });
        await poller.PollAsync();
        await poller.PollAsync();
        var commands = relay.Commands.Count;

        Assert.Equal(PollEnd.DownloadLimit, (await poller.PollAsync()).End);

        Assert.Equal(commands, relay.Commands.Count);
    }

    [Fact]
    public async Task Two_pollers_and_two_folders_of_one_account_share_the_budget()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(Mails(20));
        await user.AppendAsync(Mails(20), "Orders");
        void Both(LocalSettings settings)
        {
            partition.AddMailbox(settings, "Orders", "all", 1);
            settings["Mailboxes:1:DailyDownloadBytes"] = "20000";
        }

        var one = await StartAsync(partition, "20000", change: Both);
        var other = await StartAsync(partition, "20000", change: Both);

        for (var i = 0; i < 4; i++)
            await Task.WhenAll(one.PollAllAsync(), other.PollAllAsync());

        var appended = await partition.Partition.Stream.LengthAsync(TestContext.Current.CancellationToken);
        var used = await UsedAsync(partition);
        Assert.InRange(used, 1, 18_000);
        // A body that both have fetched is counted twice and appended once.
        Assert.InRange(appended, 1, used / Size);
        Assert.All((await one.PollAllAsync()).Values, result => Assert.Equal(PollEnd.DownloadLimit, result.End));
    }

    [Fact]
    public async Task A_poller_that_starts_again_knows_what_was_downloaded()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(10));
        await (await StartAsync(partition, "5000")).PollAsync();
        var next = await StartAsync(partition, "5000");

        var result = await next.PollAsync();

        Assert.Equal((PollEnd.DownloadLimit, 0), (result.End, result.Appended));
        Assert.Equal(4 * Size, await UsedAsync(partition));
    }

    [Fact]
    public async Task An_email_larger_than_the_budget_is_fetched_in_an_empty_window()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync([TestMail.Of(1, new string('x', 5_000)), TestMail.Of(2)]);
        var poller = await StartAsync(partition, "2000");

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.DownloadLimit, 1), (result.End, result.Appended));
    }

    [Fact]
    public async Task Bodies_of_a_poll_that_failed_count_and_are_counted_again()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(3));
        using var relay = new ImapRelay(servers.Dovecot.Port);
        var poller = await StartAsync(partition, "100000", change: settings => settings.By(relay));
        relay.CutAfter(@"UID FETCH .*BODY\.PEEK\[\]");

        Assert.Equal(PollEnd.Failed, (await poller.PollAsync()).End);
        Assert.Equal(3 * Size, await UsedAsync(partition));
        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, 3), (result.End, result.Appended));
        Assert.Equal(6 * Size, await UsedAsync(partition));
    }

    // Cut and resumed; answered wrongly, and then fetched whole; announced as longer, and so compared with the whole email.
    [Theory]
    [InlineData("cut", Large)]
    [InlineData("wrong", Large + (2 * BodyPass.PartBytes))]
    [InlineData("longer", 2 * Large)]
    public async Task Parts_of_a_large_email_count_as_often_as_they_come(string server, int counted)
    {
        await using var partition = new TestPartition(servers);
        using var right = new PartPeer(1, Large);
        var cuts = 0;
        using var peer = new PartPeer(1, Large)
        {
            Announced = server == "longer" ? Large + 10_000 : null,
            Answer = request => (server, request.Offset) switch
            {
                ("cut", >= BodyPass.PartBytes) when cuts++ < 3 => right.Cut(request, 1_000_000),
                ("wrong", BodyPass.PartBytes) => right.Part(request.Uid, 0, request.Count, $"<{request.Offset}>"),
                _ => null,
            },
        };
        var poller = await StartAsync(partition, "1000000000", change: peer.Peer.Serve);

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, 1), (result.End, result.Appended));
        Assert.Equal(counted, result.Downloaded);
        Assert.Equal(counted, await UsedAsync(partition));
    }

    [Fact]
    public async Task A_large_email_that_failed_after_retries_counts_with_its_retries()
    {
        const int Sent = 1_500_000;
        await using var partition = new TestPartition(servers);
        using var right = new PartPeer(1, Large);
        var isBroken = true;
        using var peer = new PartPeer(1, Large)
        {
            Answer = request => isBroken && request.Offset > 0
                ? right.Part(request.Uid, 0, request.Count, $"<{request.Offset}>")
                : null,
        };
        var answer = peer.Peer.AnswerOverride;
        peer.Peer.AnswerOverride = command => isBroken && command.StartsWith("UID FETCH 1 (BODY.PEEK[])", StringComparison.Ordinal)
            ? right.Cut(new PartRequest(1, 0, Large), Sent)
            : answer(command);
        var poller = await StartAsync(partition, "1000000000", change: peer.Peer.Serve);

        var first = await poller.PollAsync();
        isBroken = false;
        var second = await poller.PollAsync();

        Assert.Equal((PollEnd.Failed, PollEnd.Complete), (first.End, second.End));
        Assert.Equal((2 * BodyPass.PartBytes) + Sent + Large, await UsedAsync(partition));
    }

    [Fact]
    public async Task A_large_email_waits_until_its_bytes_are_free()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new PartPeer(2, Large);
        var poller = await StartAsync(partition, $"{Large + (Large / 2)}", change: peer.Peer.Serve);

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.DownloadLimit, 1), (result.End, result.Appended));
        Assert.All(peer.Parts, part => Assert.Equal(1u, part.Uid));
    }

    [Fact]
    public async Task A_mailbox_without_a_limit_counts_nothing()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(Mails(3));
        var poller = await partition.StartPollerAsync();

        var result = await poller.PollAsync();

        Assert.Null(result.Downloaded);
        Assert.DoesNotContain(partition.AllKeys(), key => key.ToString().Contains("downloads", StringComparison.Ordinal));
    }

    private static IReadOnlyList<byte[]> Mails(int count) => [.. Enumerable.Range(1, count).Select(number =>
    {
        var length = TestMail.Of(number, "").Length;
        return TestMail.Of(number, new string('x', Size - length));
    })];

    private static Task<WebApplication> StartAsync(
        TestPartition partition,
        string limit,
        TimeProvider? time = null,
        LogLines? lines = null,
        Action<LocalSettings>? change = null) => partition.StartPollerAsync(
        settings =>
        {
            settings["Mailboxes:0:DailyDownloadBytes"] = limit;
            change?.Invoke(settings);
        },
        services =>
        {
            if (time is not null)
                services.AddSingleton(time);
            if (lines is not null)
                services.AddSingleton<ILoggerProvider>(lines);
        });

    private static async Task<long> UsedAsync(TestPartition partition)
    {
        var options = new MailboxOptions { Host = "localhost", Username = partition.User };
        var budget = DownloadBudget.Of(options, new PollingOptions(), partition.Partition.Downloads);
        var use = await budget.AskAsync(TestContext.Current.CancellationToken);
        // The relay is another host.
        options.Host = "127.0.0.1";
        budget = DownloadBudget.Of(options, new PollingOptions(), partition.Partition.Downloads);
        return use.Used + (await budget.AskAsync(TestContext.Current.CancellationToken)).Used;
    }
}
