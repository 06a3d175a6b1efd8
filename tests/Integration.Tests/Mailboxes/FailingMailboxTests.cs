using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EmailIngestion.Configuration;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests that a mailbox that cannot be read logs the reason in one line, and the other mailboxes of its process continue.
/// </summary>
public class FailingMailboxTests(TestServers servers)
{
    private const string Name = "bad/INBOX";

    [Fact]
    public Task A_wrong_password() => FailsAndOthersContinueAsync(
        partition => new() { ["Password"] = "wrong" },
        partition => $"localhost:{servers.Dovecot.TlsPort} refuses the login of {partition.User}: Authentication failed.");

    [Fact]
    public async Task A_port_without_a_server()
    {
        var port = Loopback.FreePort();
        await FailsAndOthersContinueAsync(
            partition => new() { ["Host"] = "127.0.0.1", ["Port"] = port.ToString(CultureInfo.InvariantCulture) },
            partition => $"127.0.0.1:{port} cannot be reached: Connection refused");
    }

    [Fact]
    public Task A_host_that_does_not_exist() => FailsAndOthersContinueAsync(
        partition => new() { ["Host"] = "mail.invalid" },
        partition => $"mail.invalid:{servers.Dovecot.TlsPort} cannot be reached: …");

    [Fact]
    public Task A_certificate_of_an_authority_that_is_not_trusted() => FailsAndOthersContinueAsync(
        partition => new() { ["CertificateAuthority"] = null },
        partition => $"The certificate of localhost:{servers.Dovecot.TlsPort} is not accepted: "
            + "unable to get local issuer certificate (PartialChain).…");

    [Fact]
    public void A_certificate_for_another_name()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(servers.Dovecot.CertificateAuthorityPath);
        var trust = new ServerTrust(servers.Dovecot.CertificateAuthorityPath, "Host");

        Assert.False(trust.Accepts(certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.Equal("it is for another name than Host.", trust.Refusal);
        Assert.False(
            trust.Accepts(certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.True(trust.Accepts(certificate, null, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    // Faults of the process end it after a while: those of mail servers must not.
    [Theory]
    [InlineData("", "", false)]
    [InlineData("", "HTTP/1.1 400 Bad Request\r\n\r\n", false)]
    [InlineData("LOGIN", "", true)]
    [InlineData("EXAMINE", "", true)]
    [InlineData("EXAMINE", "{tag} BAD no\r\n", false)]
    [InlineData("EXAMINE", "* )))\r\n", false)]
    [InlineData("UID SEARCH", "", true)]
    [InlineData("UID SEARCH", "* SEARCH )(\r\n{tag} OK\r\n", false)]
    [InlineData("UID FETCH", "{tag} BAD no\r\n", false)]
    [InlineData("UID FETCH", "* BYE no\r\n", true)]
    public async Task What_a_mail_server_does_is_no_fault_of_this_process(string command, string answer, bool closes)
    {
        using var peer = new ImapPeer();
        await using var partition = new TestPartition(servers);
        if (command.Length == 0)
            peer.Greeting = answer;
        peer.AnswerOverride = received =>
            (command.Length == 0 && answer.Length == 0) || (command.Length > 0 && received.StartsWith(command, StringComparison.Ordinal))
                ? new PeerAnswer(answer, closes)
                : null;
        var host = await partition.StartPollerAsync(settings =>
        {
            peer.Serve(settings);
            settings["Polling:ServerTimeout"] = "00:00:01";
        });

        for (var poll = 0; poll < 2; poll++)
        {
            var result = await host.PollAsync();
            Assert.Equal((PollEnd.Failed, false, null), (result.End, result.IsOwnFault, result.Fault));
        }
    }

    [Fact]
    public Task A_folder_that_does_not_exist() => FailsAndOthersContinueAsync(
        partition => new() { ["Folder"] = "No such folder" },
        partition => $"localhost:{servers.Dovecot.TlsPort} has no folder 'No such folder' for {partition.User}. It has 'INBOX'.",
        "bad/No such folder");

    [Fact]
    public Task Tls_where_the_server_speaks_plain_text() => FailsAndOthersContinueAsync(
        partition => new() { ["Port"] = servers.Dovecot.Port.ToString(CultureInfo.InvariantCulture) },
        partition => $"localhost:{servers.Dovecot.Port} does not speak TLS as Security 'Tls' requires: …");

    [Theory]
    [InlineData("StartTls")]
    [InlineData("None")]
    public async Task Starttls_and_plain_text_connect_too(string security)
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var host = await partition.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:Security"] = security;
            settings["Mailboxes:0:Port"] = servers.Dovecot.Port.ToString(CultureInfo.InvariantCulture);
        });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());
    }

    [Fact]
    public async Task Starttls_checks_the_certificate_too()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var host = await partition.StartPollerAsync(settings =>
        {
            settings["Mailboxes:0:Security"] = "StartTls";
            settings["Mailboxes:0:Port"] = servers.Dovecot.Port.ToString(CultureInfo.InvariantCulture);
            settings["Mailboxes:0:CertificateAuthority"] = null;
        });

        var result = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.StartsWith($"The certificate of localhost:{servers.Dovecot.Port} is not accepted: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(await partition.EmailsAsync());
    }

    // The first of two mailboxes is bad, the second is good. An expected error that ends in "…" continues with words of the system.
    private async Task FailsAndOthersContinueAsync(
        Func<TestPartition, Dictionary<string, string?>> bad, Func<TestPartition, string> error, string name = Name)
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var settings = partition.PollingSettings();
        partition.AddMailbox(settings, index: 1);
        settings["Mailboxes:0:Account"] = "bad";
        foreach (var (setting, value) in bad(partition))
            settings[$"Mailboxes:0:{setting}"] = value;
        var host = await partition.StartHostAsync(settings, services => services.AddLogging(logging => logging.AddFakeLogging()));

        var first = await host.PollAllAsync();
        await host.PollAllAsync();
        var third = await host.PollAllAsync();

        Assert.Equal((PollEnd.Failed, 0), (first[name].End, first[name].Appended));
        var expected = error(partition).Split('…');
        Assert.StartsWith(expected[0], first[name].Error, StringComparison.Ordinal);
        if (expected.Length == 1)
            Assert.Equal(expected[0], first[name].Error);
        Assert.DoesNotContain('\n', first[name].Error!);
        Assert.StartsWith($"{first[name].Error} (not polled until ", await partition.ErrorAsync(name), StringComparison.Ordinal);
        Assert.Equal(new PollResult(PollEnd.BackingOff), third[name]);

        // One line as long as the error is the same.
        var lines = host.Services.GetFakeLogCollector().GetSnapshot()
            .Where(line => line.Level >= LogLevel.Warning && line.Message.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line.Message);
        Assert.Equal([$"{name}: the poll failed: {first[name].Error}"], lines);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), first[partition.Mailbox()]);
        Assert.Equal(new PollResult(PollEnd.Complete), third[partition.Mailbox()]);
        Assert.Null(await partition.ErrorAsync(partition.Mailbox()));
    }
}
