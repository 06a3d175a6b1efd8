using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests the login on servers with special requirements.</summary>
public sealed class LoginTests(TestServers servers)
{
    [Theory]
    [InlineData("OK done")]
    [InlineData("NO I do not care")]
    [InlineData("BAD what?")]
    public async Task A_server_that_offers_ID_receives_the_name_of_the_client(string answer)
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] ready\r\n" };
        var isKnown = false;
        peer.AnswerOverride = command =>
        {
            isKnown |= command.StartsWith("ID (\"name\" \"EmailIngestion\" \"version\" \"", StringComparison.Ordinal);
            return command.Split(' ')[0] switch
            {
                "CAPABILITY" => new("* CAPABILITY IMAP4rev1 ID AUTH=PLAIN\r\n{tag} OK done\r\n"),
                "ID" => new($"* ID NIL\r\n{{tag}} {answer}\r\n"),
                "EXAMINE" when !isKnown => new("{tag} NO SELECT Unsafe Login. Please contact us for help\r\n"),
                _ => null,
            };
        };

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(partition, peer));
    }

    [Fact]
    public async Task A_server_that_greets_with_PREAUTH_is_not_logged_in_to()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Greeting = "* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n" };

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(partition, peer));

        Assert.DoesNotContain(
            peer.Commands,
            command => command.StartsWith("LOGIN", StringComparison.Ordinal) || command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broken_login_mechanism_of_the_server_does_not_hide_the_others()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=CRAM-MD5] ready\r\n" };
        peer.AnswerOverride = command =>
            command.StartsWith("AUTHENTICATE PLAIN", StringComparison.Ordinal) ? new("", ClosesConnection: true) : null;

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await PollAsync(partition, peer));

        Assert.Equal(["AUTHENTICATE", "LOGIN"], Logins(peer));
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer
        {
            Greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256] ready\r\n",
        };
        peer.AnswerOverride = command => command.StartsWith("AUTHENTICATE", StringComparison.Ordinal)
            ? new("{tag} NO [AUTHENTICATIONFAILED] \u001b[31mWrong\u001b[0m\r\n")
            : null;

        var result = await PollAsync(partition, peer);

        Assert.Equal($"127.0.0.1:{peer.Port} refuses the login of {partition.User}: Wrong", result.Error);
        Assert.Equal(["AUTHENTICATE"], Logins(peer));
    }

    [Fact]
    public async Task The_setting_chooses_the_mechanism()
    {
        await using var partition = new TestPartition(servers);
        using var peer = new ImapPeer { Greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=CRAM-MD5] ready\r\n" };
        peer.AnswerOverride = command =>
            command.StartsWith("AUTHENTICATE CRAM-MD5", StringComparison.Ordinal) ? new("{tag} NO not today\r\n") : null;

        var result = await PollAsync(partition, peer, settings => settings["Mailboxes:0:SaslMechanism"] = "cram-md5");

        Assert.Equal($"127.0.0.1:{peer.Port} refuses the login of {partition.User}: not today", result.Error);
        Assert.Equal(["AUTHENTICATE"], Logins(peer));
    }

    [Theory]
    [InlineData("PLAIN", "Tls")]
    [InlineData("login", "Tls")]
    [InlineData("LOGIN", "StartTls")]
    [InlineData("PLAIN", "None")]
    public async Task Dovecot_accepts_each_mechanism_that_it_offers(string mechanism, string security)
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var host = await partition.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:SaslMechanism"] = mechanism;
            settings["Mailboxes:0:Security"] = security;
            if (security != "Tls")
                settings["Mailboxes:0:Port"] = servers.Dovecot.Port.ToString(CultureInfo.InvariantCulture);
        });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
    }

    private static string[] Logins(ImapPeer peer) =>
        [.. peer.Commands.Select(command => command.Split(' ')[0]).Where(command => command is "AUTHENTICATE" or "LOGIN")];

    private static async Task<PollResult> PollAsync(TestPartition partition, ImapPeer peer, Action<LocalSettings>? change = null)
    {
        var host = await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            change?.Invoke(settings);
        });
        return await host.PollAsync();
    }
}
