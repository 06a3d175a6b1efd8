using System.Globalization;
using System.Security.Cryptography;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using MailKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that small emails are fetched by one request, and that every email is read the same as without it.</summary>
public sealed class SmallMailTests(TestServers servers)
{
    private const int Small = 32 * 1024;

    private static readonly string[] Plain = ["UID FETCH 1:3 (BODY.PEEK[])"];

    public static TheoryData<string, string[]> Sizes => new()
    {
        { "small ones", ["500", "501", "502"] },
        { "at the limit", ["500", $"{Small - 1}", $"{Small}", $"{Small + 1}"] },
        { "one that is larger", ["500", "100000", "501"] },
        { "one that is streamed", ["500", "1500000", "501", "502"] },
        { "large ones first", ["100000", "1500000", "100001", "500"] },
        { "large ones only", ["100000", "100001"] },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Emails_of_any_size_are_read_as_through_MailKit(string sizes, string[] lengths)
    {
        Assert.NotEmpty(sizes);
        await using var partition = new TestPartition(servers);
        await using var other = new TestPartition(servers);
        byte[][] mails = [.. lengths.Select((length, index) => TestMail.Large(index + 1, int.Parse(length, CultureInfo.InvariantCulture)))];
        foreach (var user in new[] { new MailUser(servers, partition.User), new MailUser(servers, other.User) })
        {
            await user.AppendAsync(mails.Select(mail => (mail, new DateTimeOffset(2026, 3, 1, 22, 30, 0, TimeSpan.FromHours(-5)))));
            await user.FlagAsync(1, MessageFlags.Seen | MessageFlags.Draft, "$Junk", "Later");
        }

        var host = await partition.StartPollerAsync();
        // After STARTTLS everything is read through MailKit.
        var through = await other.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:Security"] = "StartTls";
            settings["Mailboxes:0:Port"] = $"{servers.Dovecot.Port}";
        });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: mails.Length), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: mails.Length), await through.PollAsync());
        Assert.Equal((await other.EmailsAsync()).Select(Summary), (await partition.EmailsAsync()).Select(Summary));
        Assert.Equal(mails.Select(mail => (long)mail.Length), (await partition.EmailsAsync()).Select(email => email.Size));
    }

    [Fact]
    public async Task Small_emails_take_one_request()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(
            ["UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.32768>)"],
            peer.Commands.Where(command => command.StartsWith("UID FETCH", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{tag} NO not now\r\n", 1)]
    [InlineData("{tag} BAD what?\r\n", 1)]
    [InlineData("* 1 FETCH (UID 1 BODY[] {100000}\r\n", 2)]
    [InlineData("* 1 FETCH (UID 1 BODY[] {x}\r\n", 2)]
    [InlineData("+ more\r\n", 2)]
    [InlineData("* 9 EXISTS\r\n{tag} OK nothing\r\n", 1)]
    [InlineData("{tag} OK nothing\r\n* 9 EXISTS\r\n", 1)]
    public async Task A_server_that_does_not_answer_it_is_read_through_MailKit_in_the_same_poll(string answer, int connections)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer(answer) : null,
        };
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
        Assert.Equal(Plain, peer.Commands.Where(command => command.EndsWith("(BODY.PEEK[])", StringComparison.Ordinal)));
        Assert.Equal(connections, peer.Connections);
    }

    [Fact]
    public async Task A_server_that_breaks_the_connection_at_it_fails_no_poll()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            Count = 1,
            AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer("", ClosesConnection: true) : null,
        };
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var log = new LogLines();
        var host = await partition.StartPollerAsync(
            peer.Serve,
            services => services.AddSingleton<TimeProvider>(time).AddLogging(logging => logging.AddProvider(log)));
        for (var polls = 0; polls < 10; polls++)
        {
            time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
            peer.Count++;
        }

        Assert.Equal(10, (await partition.EmailsAsync()).Count);
        // It is no longer asked so.
        Assert.Equal(3, peer.Commands.Count(command => command.Contains(ImapPeer.Beginning, StringComparison.Ordinal)));
        Assert.Equal(3, log.Of(230).Count);
        Assert.All(log.Of(230), line => Assert.StartsWith($"{partition.Mailbox()}: the connection broke", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("+ more\r\n", false)]
    [InlineData("", true)]
    public async Task A_login_that_is_refused_after_a_cut_is_not_repeated_at_once(string answer, bool closesConnection)
    {
        await using var partition = new TestPartition(servers);
        var isRefused = false;
        using var peer = new ImapPeer();
        peer.AnswerOverride = command =>
        {
            if (isRefused && command.StartsWith("LOGIN", StringComparison.Ordinal))
                return new PeerAnswer("{tag} NO [AUTHENTICATIONFAILED] no\r\n");
            if (!command.Contains(ImapPeer.Beginning, StringComparison.Ordinal))
                return null;
            isRefused = true;
            return new PeerAnswer(answer, closesConnection);
        };
        var host = await partition.StartPollerAsync(peer.Serve);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, $"127.0.0.1:{peer.Port} refuses the login of {partition.User}: no"), (result.End, result.Error));
        Assert.Equal(2, peer.Connections);
    }

    [Fact]
    public async Task A_server_that_estimates_sizes_is_soon_read_through_MailKit()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Envelope = _ => $"RFC822.SIZE 30 {ImapPeer.Received}" };
        var host = await partition.StartPollerAsync(peer.Serve);
        for (var poll = 0; poll < 5; poll++)
        {
            await host.PollAsync();
            peer.Count++;
        }

        Assert.Equal(7, (await partition.EmailsAsync()).Count);
        Assert.Equal(3, peer.Commands.Count(command => command.Contains(ImapPeer.Beginning, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_that_breaks_the_connection_at_it_has_no_email_dead_lettered()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer("", ClosesConnection: true) : null,
        };
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var host = await partition.StartPollerAsync(
            settings =>
            {
                peer.Serve(settings);
                settings["Polling:FetchAttempts"] = "1";
            },
            services => services.AddSingleton<TimeProvider>(time));
        for (var poll = 0; poll < 6; poll++)
        {
            time.Advance(TimeSpan.FromHours(1));
            await host.PollAsync();
        }

        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal([1u, 2, 3], (await partition.EmailsAsync()).Select(email => email.Uid));
    }

    [Fact]
    public async Task A_server_that_is_silent_at_it_fails_a_few_polls_at_most()
    {
        await using var partition = new TestPartition(servers);
        var (time, asked) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), 0);
        using var peer = new ImapPeer
        {
            AnswerOverride = command => command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) && ++asked > 0 ? new("") : null,
        };
        var host = await partition.StartPollerAsync(
            settings =>
            {
                peer.Serve(settings);
                settings["Polling:ServerTimeout"] = "00:04:00";
                settings["Polling:Deadline"] = "00:05:00";
            },
            services => services.AddSingleton<TimeProvider>(time));
        for (var polls = 0; polls < 20; polls++)
        {
            time.Advance(TimeSpan.FromHours(1));
            var (before, poll) = (asked, host.PollAllAsync());
            await Eventually.TrueAsync(() => poll.IsCompleted || asked > before, "the server is silent, or the poll has ended");
            if (asked > before)
                time.Advance(TimeSpan.FromMinutes(5));
            // It does not wait for a mailbox that is slow.
            await poll;
            peer.Count++;
        }

        Assert.Equal(3, asked);
        Assert.InRange((await partition.EmailsAsync()).Count, 4, 22);
    }

    [Fact]
    public async Task Small_emails_behind_large_ones_are_requested_twice_at_most()
    {
        await using var partition = new TestPartition(servers);
        static string Body(uint uid) => uid is 5 or 10 ? new string('x', 1_500_000) : ImapPeer.Body(uid);
        using var peer = new ImapPeer
        {
            Count = 20,
            Envelope = uid => $"RFC822.SIZE {Body(uid).Length} {ImapPeer.Received}",
            BodyAnswer = uid => ImapPeer.Literal(Body(uid)),
        };
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 20), await host.PollAsync());

        Assert.Equal(
            ["1:20", "6:9", "11:20"],
            peer.Commands.Where(command => command.Contains(ImapPeer.Beginning, StringComparison.Ordinal)).Select(Asked));
        Assert.Equal(
            ["5", "10"], peer.Commands.Where(command => command.EndsWith("(BODY.PEEK[])", StringComparison.Ordinal)).Select(Asked));
    }

    [Fact]
    public async Task Where_it_is_not_possible_the_data_comes_for_several_batches_at_once()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            Count = 6,
            // Gmail.
            AnswerOverride = command =>
                command == "CAPABILITY" ? new PeerAnswer("* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n") : null,
        };
        var host = await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            settings["Polling:FetchBatch"] = "2";
        });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 6), await host.PollAsync());

        Assert.Equal(
            ["1:6", "1:2", "3:4", "5:6"],
            peer.Commands.Where(command => command.StartsWith("UID FETCH", StringComparison.Ordinal)).Select(Asked));
    }

    [Theory]
    [InlineData("NO")]
    [InlineData("no sizes")]
    public async Task A_server_that_answers_it_in_vain_is_soon_read_through_MailKit(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Envelope = _ => ImapPeer.Received };
        if (answer == "NO")
        {
            peer.AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer("{tag} NO not now\r\n") : null;
        }

        var host = await partition.StartPollerAsync(peer.Serve);
        for (var poll = 0; poll < 5; poll++)
        {
            await host.PollAsync();
            peer.Count++;
        }

        Assert.Equal(7, (await partition.EmailsAsync()).Count);
        Assert.Equal(3, peer.Commands.Count(command => command.Contains(ImapPeer.Beginning, StringComparison.Ordinal)));
    }

    private static string Asked(string command) => command.Split(' ')[2];

    private static object Summary(EmailMessage email) => (
        email.Uid, email.Size, email.Date, email.MessageId, email.Subject, email.From,
        string.Join(' ', email.Flags ?? []), Convert.ToHexString(SHA256.HashData(email.Raw.Span)));
}
