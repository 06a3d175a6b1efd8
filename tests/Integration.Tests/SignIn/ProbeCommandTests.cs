using System.Globalization;
using System.Text.Json;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Servers;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>Tests <c>probe</c> as a separate process, on a real Dovecot.</summary>
public sealed class ProbeCommandTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    [Fact]
    public async Task A_mailbox_with_a_password_passes_every_step_without_Redis()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = new LocalSettings();
        partition.AddMailbox(settings, startFrom: "2020-01-01");
        signIn.Point(settings);
        settings["Mailboxes:0:Password"] = TestPartition.Password;
        settings["Mailboxes:0:Partition"] = null;

        var (code, output) = await RunAsync(partition, settings);

        Assert.True(code == 0, output);
        Assert.StartsWith($"{partition.User}/INBOX\n", output, StringComparison.Ordinal);
        Assert.Contains("tls           Tls", output, StringComparison.Ordinal);
        Assert.Contains("a certificate for localhost, 127.0.0.1, valid from 2", output, StringComparison.Ordinal);
        Assert.Contains($"signed in as {partition.User} by password", output, StringComparison.Ordinal);
        Assert.Contains("has IDLE, ", output, StringComparison.Ordinal);
        Assert.Contains("INBOX has 3 emails, UIDVALIDITY ", output, StringComparison.Ordinal);
        Assert.Contains("StartFrom '2020-01-01' reads 3 of 3 emails", output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", output, StringComparison.Ordinal);
        Assert.DoesNotContain(TestPartition.Password, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_with_a_token_shows_its_steps_as_JSON()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = partition.PollingSettings(startFrom: "now");
        signIn.SignIn(settings, partition);

        var (code, output) = await RunAsync(partition, settings, "--mailbox", "0", "--json");

        Assert.True(code == 0, output);
        using var json = JsonDocument.Parse(output);
        var result = Assert.Single(json.RootElement.EnumerateArray());
        Assert.True(result.GetProperty("passed").GetBoolean());
        Assert.Equal(
            ["dns", "tcp", "tls", "token", "sign-in", "capabilities", "folder", "first poll"],
            result.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.DoesNotContain("at-", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Move:Done", "moves emails to a folder that the first move creates")]
    [InlineData("Move:Orders", "moves emails to a folder that exists")]
    [InlineData("MarkSeen", "sets a flag, which the server keeps")]
    [InlineData("Delete", "deletes emails")]
    public async Task A_mailbox_with_follow_ups_tells_whether_they_are_possible(string setting, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition, "Orders");
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);
        settings["Mailboxes:0:AfterProcessing"] = setting;

        var (code, output) = await RunAsync(partition, settings);

        Assert.True(code == 0, output);
        Assert.Contains($"ok    follow-ups    AfterProcessing '{setting}' {says}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "no-such-host.invalid", "dns", "Check Host, and the DNS of this machine.")]
    [InlineData("Port", "(free)", "tcp", "Check Port, and that a firewall lets connections out to it.")]
    [InlineData("Port", "(plain)", "tls", "Check Host, Port and Security")]
    [InlineData("CertificateAuthority", "", "tls", "It is a certificate for localhost, 127.0.0.1, valid from 2")]
    [InlineData("Username", "somebody-else@example.test", "sign-in", "refuses the access token of somebody-else@example.test")]
    [InlineData("Folder", "Nowhere", "folder", "has no folder 'Nowhere'")]
    public async Task A_failure_names_its_step_and_says_what_to_do(string setting, string value, string step, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);
        settings["Polling:ServerTimeout"] = "00:00:10";
        settings[$"Mailboxes:0:{setting}"] = value switch
        {
            "(free)" => Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
            "(plain)" => signIn.Dovecot.Port.ToString(CultureInfo.InvariantCulture),
            _ => value,
        };

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains($"FAIL  {step,-12}  ", output, StringComparison.Ordinal);
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "{}", "asks for a pause (429). The mailbox waits.")]
    [InlineData(500, "{}", "fails (500).")]
    [InlineData(200, "<html>", "answers without an access token. Check its address.")]
    [InlineData(200, """{"error":"invalid_client"}""", "(invalid_client). The client ID or its secret is wrong")]
    public async Task A_token_endpoint_that_fails_is_named(int status, string body, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(status, body));
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains("FAIL  token         The token endpoint 127.0.0.1:", output, StringComparison.Ordinal);
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* BYE Too many connections\r\n", true, "throttles", "Wait. The server limits connections or logins")]
    [InlineData("", false, "did not answer within Polling:ServerTimeout, 00:00:02.", "Check Host, Port and Security.")]
    [InlineData("", true, "does not answer as a mail server: ", "Check Host, Port and Security.")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", true, "does not answer as a mail server: ", "Check Host, Port and Security.")]
    public async Task A_server_that_does_not_greet_is_named(string greeting, bool closes, string says, string advice)
    {
        await using var partition = new TestPartition(servers);
        using var silent = new LoopbackListener(async client =>
        {
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(greeting));
            if (!closes)
                await Task.Delay(TimeSpan.FromMinutes(1), TimeProvider.System);
        });
        var settings = partition.PollingSettings();
        settings["Mailboxes:0:Host"] = "127.0.0.1";
        settings["Mailboxes:0:Port"] = silent.Port.ToString(CultureInfo.InvariantCulture);
        settings["Mailboxes:0:Security"] = "None";
        settings["Mailboxes:0:CertificateAuthority"] = null;
        settings["Polling:ServerTimeout"] = "00:00:02";

        var (code, output) = await RunAsync(partition, settings);

        Assert.True(code == 1, output);
        Assert.Contains($"FAIL  sign-in       127.0.0.1:{silent.Port} {says}", output, StringComparison.Ordinal);
        Assert.Contains(advice, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_password_says_what_to_do()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = partition.PollingSettings();
        signIn.Point(settings);
        settings["Mailboxes:0:Password"] = "wrong";

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains("FAIL  sign-in       ", output, StringComparison.Ordinal);
        Assert.Contains($"refuses the login of {partition.User}: ", output, StringComparison.Ordinal);
        Assert.Contains("Check Username and Authentication (docs/accounts.md).", output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_StartTls_shows_is_advised_on_like_that_of_Tls()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var settings = partition.PollingSettings();
        signIn.Point(settings);
        settings["Mailboxes:0:Port"] = signIn.Dovecot.Port.ToString(CultureInfo.InvariantCulture);
        settings["Mailboxes:0:Security"] = "StartTls";
        settings["Mailboxes:0:Password"] = TestPartition.Password;
        settings["Mailboxes:0:CertificateAuthority"] = "";

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains("FAIL  sign-in       The certificate of ", output, StringComparison.Ordinal);
        Assert.Contains("set CertificateAuthority for a private authority", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_a_step_of_its_own()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_grant", "Token has been revoked."));
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains("FAIL  token         The token endpoint 127.0.0.1:", output, StringComparison.Ordinal);
        Assert.Contains("(invalid_grant): Token has been revoked.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("other-keys")]
    public async Task Without_the_key_of_a_kept_token_no_token_is_used(string keys)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => signIn.Tokens.Success(partition.User, refreshToken: "rotated"));
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);
        settings["Polling:KeyFolder"] = Path.Combine(partition.Folder, "keys");
        var host = await partition.StartHostAsync(settings);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        settings["Polling:KeyFolder"] = keys.Length == 0 ? "" : Path.Combine(partition.Folder, keys);

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal(1, code);
        Assert.Contains(
            "FAIL  token         Redis has a newer refresh token, whose key is not in Polling:KeyFolder.",
            output,
            StringComparison.Ordinal);
        Assert.Single(signIn.Tokens.Calls(partition.User));
    }

    [Fact]
    public async Task Wrong_settings_print_the_lines_of_a_start()
    {
        await using var partition = new TestPartition(servers);
        var settings = partition.PollingSettings();
        settings["Mailboxes:0:Password"] = "";

        var (code, output) = await RunAsync(partition, settings);

        Assert.Equal((1, "Settings: Mailboxes:0:Password is missing.\n"), (code, output));
    }

    private static async Task<(int Code, string Output)> RunAsync(TestPartition partition, LocalSettings settings, params string[] more)
    {
        await using var process = CommandProcess.Start(partition, settings, ["probe", .. more]);
        return (await process.EndAsync(), process.Output.Trim() + "\n");
    }
}
