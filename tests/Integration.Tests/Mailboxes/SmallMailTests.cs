using System.Globalization;
using System.Security.Cryptography;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using MailKit;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task A_server_that_breaks_the_connection_at_it_fails_a_few_polls_at_most()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            Count = 1,
            AnswerOverride = command =>
                command.Contains(ImapPeer.Beginning, StringComparison.Ordinal) ? new PeerAnswer("", ClosesConnection: true) : null,
        };
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var host = await partition.StartPollerAsync(
            peer.Serve, services => services.AddSingleton<TimeProvider>(time));
        var failed = 0;
        for (var polls = 0; polls < 10; polls++)
        {
            time.Advance(TimeSpan.FromHours(1));
            var result = await host.PollAsync();
            failed += result.End == PollEnd.Complete ? 0 : 1;
            peer.Count += result.End == PollEnd.Complete ? 1u : 0;
        }

        Assert.Equal(3, failed);
        Assert.Equal(7, (await partition.EmailsAsync()).Count);
        Assert.Empty(await partition.DeadLettersAsync());
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

    private static object Summary(EmailMessage email) => (
        email.Uid, email.Size, email.Date, email.MessageId, email.Subject, email.From,
        string.Join(' ', email.Flags ?? []), Convert.ToHexString(SHA256.HashData(email.Raw.Span)));
}
