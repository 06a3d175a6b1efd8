using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using MailKit;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests the flags of emails, and the labels and IDs of Gmail.</summary>
public sealed class FlagTests(TestServers servers)
{
    private const string Gmail = "X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888";

    [Fact]
    public async Task The_flags_of_an_email_are_those_of_the_server()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync(TestMail.Many(3));
        await user.FlagAsync(1, MessageFlags.Seen | MessageFlags.Flagged, "$Forwarded", "Junk");
        await user.FlagAsync(2, MessageFlags.Answered);
        var host = await partition.StartPollerAsync();

        await host.PollAsync();

        var emails = await partition.EmailsAsync();
        Assert.Equal([@"\Flagged", @"\Seen", "$Forwarded", "Junk"], emails[0].Flags);
        Assert.Equal([@"\Answered"], emails[1].Flags);
        Assert.Null(emails[2].Flags);
        Assert.All(emails, email => Assert.Equal((null, null, null), (email.Labels, email.GmailMessageId, email.GmailThreadId)));
        Assert.Equal(emails[0].Flags, emails[0].Parsed.Flags);
        var fields = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[2].Values;
        Assert.DoesNotContain(fields, field => field.Name == "flags");
    }

    [Fact]
    public async Task The_labels_and_IDs_of_an_email_are_those_of_gmail()
    {
        await using var partition = new TestPartition(servers);
        using var peer = GmailPeer(
            @"FLAGS (\Recent \Seen) X-GM-LABELS (""\\Inbox"" ""\\Important"" Rechnungen/M&AOQ-rz ""a \""b\"" c"" A&-B)");
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.All(await partition.EmailsAsync(), email =>
        {
            Assert.Equal([@"\Seen"], email.Flags);
            Assert.Equal([@"\Inbox", @"\Important", "Rechnungen/März", "a \"b\" c", "A&B"], email.Labels);
            Assert.Equal((1278455344230334865ul, 1266894439832287888ul), (email.GmailMessageId, email.GmailThreadId));
            Assert.Equal(("1278455344230334865", "1266894439832287888"), (email.Parsed.GmailMessageId, email.Parsed.GmailThreadId));
        });
    }

    [Fact]
    public async Task A_server_without_gmails_extension_is_not_asked_for_labels()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer();
        var host = await partition.StartPollerAsync(peer.Serve);

        await host.PollAsync();

        Assert.Contains(peer.Commands, command => command.Contains("FLAGS", StringComparison.Ordinal));
        Assert.DoesNotContain(peer.Commands, command => command.Contains("X-GM", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FLAGS")]
    [InlineData("FLAGS NIL")]
    [InlineData(@"FLAGS (\Seen {3}" + "\r\nabc)")]
    [InlineData(@"FLAGS (((\Seen)))")]
    public async Task Flags_that_cannot_be_read_lose_no_email(string flags)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Count = 300 };
        peer.Envelope = uid => Envelope(peer, uid, uid == 200 ? flags : @"FLAGS (\Seen)");
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 300), await host.PollAsync());

        var emails = await partition.EmailsAsync();
        Assert.Equal(Enumerable.Range(1, 300), emails.Select(email => (int)email.Uid));
        Assert.Equal([@"\Seen"], emails[0].Flags);
        Assert.Null(emails[199].Flags);
        Assert.InRange(peer.Connections, 2, 16);
    }

    [Theory]
    [InlineData("X-GM-LABELS (a {3}\r\na\"b)")]
    [InlineData("X-GM-LABELS {3}\r\nabc")]
    public async Task Labels_that_cannot_be_read_lose_no_email(string labels)
    {
        await using var partition = new TestPartition(servers);
        using var peer = GmailPeer("FLAGS () " + labels);
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.All(
            await partition.EmailsAsync(), email => Assert.Equal((null, 1278455344230334865ul), (email.Labels, email.GmailMessageId)));
    }

    [Fact]
    public async Task Many_long_labels_are_cut_and_stop_no_poll()
    {
        await using var partition = new TestPartition(servers);
        var labels = string.Join(' ', Enumerable.Range(0, 150).Select(i => $"\"{i} {new string('x', 220)}\""));
        using var peer = GmailPeer($"FLAGS () X-GM-LABELS ({labels})");
        var host = await partition.StartPollerAsync(peer.Serve);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.All(await partition.EmailsAsync(), email =>
        {
            Assert.Equal(100, email.Labels!.Count);
            Assert.All(email.Labels, label => Assert.Equal(200, label.Length));
        });
    }

    private static ImapPeer GmailPeer(string tags)
    {
        var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 X-GM-EXT-1] ready\r\n" };
        peer.AnswerOverride = command =>
            command == "CAPABILITY" ? new PeerAnswer("* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n{tag} OK done\r\n") : null;
        peer.Envelope = uid => Envelope(peer, uid, $"{Gmail} {tags}");
        return peer;
    }

    // A client that does not ask for the flags does not get them.
    private static string Envelope(ImapPeer peer, uint uid, string tags)
    {
        var isAsked = peer.Commands.Last().Contains("FLAGS", StringComparison.Ordinal);
        var extra = isAsked ? tags : peer.Greeting.Contains("GM", StringComparison.Ordinal) ? Gmail : "";
        return $"RFC822.SIZE {ImapPeer.Body(uid).Length} {ImapPeer.Received} {extra}".TrimEnd();
    }
}
