using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>Tests logins by access token on a real Dovecot, which asks the token endpoint whether each token is valid.</summary>
public sealed class SignInTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    private static readonly PollResult Three = new(PollEnd.Complete, Appended: 3);

    [Theory]
    [InlineData(null)]
    [InlineData("XOAUTH2")]
    [InlineData("oauthbearer")]
    public async Task A_mailbox_signs_in_by_an_access_token(string? mechanism)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var host = await partition.StartPollerAsync(settings =>
        {
            signIn.SignIn(settings, partition);
            settings["Mailboxes:0:SaslMechanism"] = mechanism;
            settings["Mailboxes:0:OAuth:Scope"] = "mail.read";
        });

        Assert.Equal(Three, await host.PollAsync());

        var call = Assert.Single(signIn.Tokens.Calls(partition.User));
        Assert.Equal("/token", call.Path);
        Assert.Equal(
            ["client_id", "client_secret", "grant_type", "refresh_token", "scope"], call.Form.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            ("refresh_token", "configured-refresh-token", "mail.read"),
            (call.Of("grant_type"), call.Of("refresh_token"), call.Of("scope")));
    }

    [Fact]
    public async Task A_token_is_used_until_five_minutes_before_its_end()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var host = await partition.StartPollerAsync(
            settings => signIn.SignIn(settings, partition), services => services.AddSingleton<TimeProvider>(time));

        Assert.Equal(Three, await host.PollAsync());
        time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Single(signIn.Tokens.Calls(partition.User));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Equal(2, signIn.Tokens.Calls(partition.User).Count);
    }

    [Fact]
    public async Task Two_mailboxes_of_one_account_request_one_token()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition, "Other");
        var host = await partition.StartPollerAsync(settings =>
        {
            partition.AddMailbox(settings, "Other", index: 1);
            signIn.SignIn(settings, partition);
            signIn.SignIn(settings, partition, index: 1);
        });

        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(Three, result));

        Assert.Single(signIn.Tokens.Calls(partition.User));
    }

    [Fact]
    public async Task A_token_that_the_mail_server_refuses_is_renewed_once()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var host = await partition.StartPollerAsync(settings => signIn.SignIn(settings, partition));
        Assert.Equal(Three, await host.PollAsync());

        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        Assert.Equal(2, signIn.Tokens.Calls(partition.User).Count);
    }

    [Fact]
    public async Task A_new_token_that_is_refused_again_is_a_failure_of_the_sign_in()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        // The token is of another user, as with a wrong Username or a missing permission.
        signIn.Tokens.Serve(partition.User, "somebody-else@example.test");
        var host = await partition.StartPollerAsync(settings => signIn.SignIn(settings, partition));

        var result = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.StartsWith(
            $"localhost:{signIn.Dovecot.TlsPort} refuses the access token of {partition.User}: ", result.Error, StringComparison.Ordinal);
        Assert.EndsWith("so the mailbox refuses the user: check Username and Scope.", result.Error, StringComparison.Ordinal);
        Assert.False(result.IsParked);
        Assert.Equal(2, signIn.Tokens.Calls(partition.User).Count);
        // The next poll does not renew a token that was just renewed for a refusal.
        Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);
        Assert.Equal(2, signIn.Tokens.Calls(partition.User).Count);
    }

    [Fact]
    public async Task A_server_without_token_mechanisms_is_said_to_be_one()
    {
        await using var partition = new TestPartition(servers);
        _ = new MailUser(servers, partition.User);
        var host = await partition.StartPollerAsync(settings =>
        {
            var (port, authority) = (settings["Mailboxes:0:Port"], settings["Mailboxes:0:CertificateAuthority"]);
            signIn.SignIn(settings, partition);
            (settings["Mailboxes:0:Port"], settings["Mailboxes:0:CertificateAuthority"]) = (port, authority);
        });

        Assert.Equal(
            $"localhost:{servers.Dovecot.TlsPort} refuses the login of {partition.User}: it offers neither XOAUTH2 nor OAUTHBEARER, "
            + "only PLAIN. Check Host, or set Authentication to Password.",
            (await host.PollAsync()).Error);
    }

    [Fact]
    public async Task A_password_still_works_beside_tokens()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var host = await partition.StartPollerAsync(settings =>
        {
            signIn.Point(settings);
            settings["Mailboxes:0:Password"] = TestPartition.Password;
        });

        Assert.Equal(Three, await host.PollAsync());
    }
}
