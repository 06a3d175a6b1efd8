using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>Tests what happens when the token endpoint refuses, fails, is slow or answers something else.</summary>
public sealed class TokenFailureTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>, IDisposable
{
    private const string Secret = "client-secret-never-shown";
    private const string Refresh = "refresh-token-never-shown";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly LogLines _log = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(
        "invalid_client",
        "AADSTS7000222: The provided client secret keys are expired. Trace ID: 1 Correlation ID: 2 Timestamp: 3",
        "(invalid_client, AADSTS7000222): The provided client secret keys are expired. "
            + "The client secret has expired: create a new one in the app registration and set ClientSecret.")]
    [InlineData(
        "invalid_grant", "Token has been expired or revoked.",
        "(invalid_grant): Token has been expired or revoked. The refresh token or the delegation is not valid any more: "
            + "it expired, was revoked, or the password changed. Sign in again.")]
    [InlineData("unauthorized_client", "", "(unauthorized_client). The application may not use this kind of sign-in")]
    [InlineData("something_new", "\u001b[31mred\u001b[0m\nline", "(something_new): red line. Check the settings of the sign-in.")]
    [InlineData("invalid_grant", $"you sent {Refresh} and {Secret}", "(invalid_grant): you sent (secret) and (secret). The refresh")]
    public async Task A_refusal_parks_the_mailbox_with_its_reason(string code, string description, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error(code, description));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, true), (result.End, result.IsParked));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        // Further polls send no request.
        Assert.Equal(PollEnd.Parked, await PollAfterAsync(host, TimeSpan.FromMinutes(59)));
        Assert.Single(signIn.Tokens.Calls(partition.User));
        var line = Assert.Single(_log.Of(248));
        Assert.StartsWith($"{partition.User}/INBOX: parked the mailbox: The token endpoint ", line, StringComparison.Ordinal);
        Assert.Empty(_log.Of(201));
        var status = Assert.Single((await partition.Partition.Inspector.ReadSnapshotAsync(true, CancellationToken.None)).Mailboxes);
        Assert.True(status.IsParked);
        Assert.EndsWith(" UTC or its settings change)", status.Error, StringComparison.Ordinal);
        Assert.All([result.Error!, line, status.Error!], text =>
        {
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Refresh, text, StringComparison.Ordinal);
            Assert.DoesNotContain(text, char.IsControl);
        });
    }

    [Fact]
    public async Task A_parked_mailbox_asks_again_after_an_hour()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_client"));
        var host = await StartAsync(partition);
        Assert.True((await host.PollAsync()).IsParked);

        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.True((await host.PollAsync()).IsParked);
        Assert.Equal(2, signIn.Tokens.Calls(partition.User).Count);
        Assert.Single(_log.Of(248));
        signIn.Tokens.Script(partition.User, _ => null);
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromMinutes(61)));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(409)]
    public async Task An_error_of_a_gateway_parks_nothing(int status)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("no route", status: status));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, false), (result.End, result.IsParked));
        Assert.Contains($" answers {status} (no route): it may not be a token endpoint.", result.Error, StringComparison.Ordinal);
        signIn.Tokens.Script(partition.User, _ => null);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
    }

    [Fact]
    public async Task A_parked_mailbox_works_again_once_it_is_resumed()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition, "Other");
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_grant"));
        var host = await StartAsync(partition, settings =>
        {
            partition.AddMailbox(settings, "Other", index: 1);
            signIn.SignIn(settings, partition, index: 1, refreshToken: Refresh);
        });
        Assert.All((await host.PollAllAsync()).Values, result => Assert.True(result.IsParked));
        Assert.Single(signIn.Tokens.Calls(partition.User));

        signIn.Tokens.Script(partition.User, _ => null);
        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Parked, result.End));
        var service = host.Services.GetRequiredService<PollService>();
        Assert.False(service.Resume("nobody@example.test/INBOX"));
        Assert.True(service.Resume($"{partition.User}/INBOX"));

        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), result));
        var status = (await partition.Partition.Inspector.ReadSnapshotAsync(true, CancellationToken.None)).Mailboxes;
        Assert.All(status, mailbox => Assert.Equal((null, false), (mailbox.Error, mailbox.IsParked)));
    }

    [Theory]
    [InlineData(429, "600", 10)]
    [InlineData(503, "90", 1.5)]
    [InlineData(429, null, 5)]
    [InlineData(429, "nonsense", 5)]
    [InlineData(503, "99999999999", 5)]
    public async Task A_throttled_endpoint_is_asked_again_after_the_requested_time(int status, string? retryAfter, double minutes)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(status, "{}", retryAfter));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, false), (result.End, result.IsParked));
        Assert.Contains($" asks for a pause ({status}). The mailbox waits.", result.Error, StringComparison.Ordinal);
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(host, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1)));
        Assert.Single(signIn.Tokens.Calls(partition.User));
        signIn.Tokens.Script(partition.User, _ => null);
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData(500, "{}", " fails (500).")]
    [InlineData(400, """{"error":"temporarily_unavailable"}""", " fails (400, temporarily_unavailable).")]
    [InlineData(404, "<html>Not found</html>", " answers 404 without an OAuth error: it may not be a token endpoint. Check its address.")]
    [InlineData(302, "", " answers 302 without an OAuth error")]
    [InlineData(200, "<html>Welcome</html>", " answers without an access token. Check its address.")]
    [InlineData(200, "[1,2]", " answers without an access token.")]
    [InlineData(200, """{"access_token":"a\u0001b","token_type":"Bearer"}""", " answers without an access token.")]
    [InlineData(200, """{"access_token":"abc","token_type":"mac"}""", " answers without an access token.")]
    [InlineData(200, """{"access_token":"\ud800"}""", " answers without an access token.")]
    public async Task A_failing_endpoint_is_named_and_asked_again(int status, string body, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(status, body));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, false, false), (result.End, result.IsParked, result.IsOwnFault));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        signIn.Tokens.Script(partition.User, _ => null);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
    }

    // As some providers answer a refusal.
    [Theory]
    [InlineData("""{"error":"invalid_grant","error_description":"It was revoked."}""", true, " (invalid_grant): It was revoked. ")]
    [InlineData("""{"error":"temporarily_unavailable"}""", false, " fails (200, temporarily_unavailable).")]
    public async Task An_error_in_a_successful_answer_is_an_error(string body, bool isParked, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(200, body));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, isParked), (result.End, result.IsParked));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"access_token":"TOKEN"}""")]
    [InlineData("""{"access_token":"TOKEN","token_type":"bearer","expires_in":"3599"}""")]
    [InlineData("""{"access_token":"TOKEN","token_type":"Bearer","expires_in":null,"refresh_token":"","error":""}""")]
    [InlineData("""{"access_token":"TOKEN","token_type":"Bearer","expires_in":"soon","scope":["mail"],"error":null}""")]
    public async Task An_answer_with_odd_fields_has_a_token_that_works(string body)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(
            200, body.Replace("TOKEN", signIn.Tokens.Issue(partition.User), StringComparison.Ordinal)));
        var host = await StartAsync(partition);

        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        Assert.Single(signIn.Tokens.Calls(partition.User));
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_named_and_not_followed_with_the_secret(int status)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(status, "") { Location = $"{signIn.Tokens.Address}/elsewhere" });
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Contains($" answers {status} without an OAuth error: it may not be", result.Error, StringComparison.Ordinal);
        Assert.Equal("/token", Assert.Single(signIn.Tokens.Calls(partition.User)).Path);
    }

    [Fact]
    public async Task A_huge_answer_is_not_read_to_its_end()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(200, new string(' ', 50_000_000)));
        var host = await StartAsync(partition);

        var result = await host.PollAsync();

        Assert.Contains(" answers with more than 65536 bytes. Check its address.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_endpoint_is_given_up_after_the_timeout()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(0, ""));
        var host = await partition.StartPollerAsync(settings =>
        {
            signIn.SignIn(settings, partition);
            settings["Polling:ServerTimeout"] = "00:00:01";
        });

        Assert.Equal("The token endpoint did not answer within Polling:ServerTimeout, 00:00:01.", (await host.PollAsync()).Error);
    }

    [Fact]
    public async Task An_endpoint_that_is_away_is_said_to_be_away()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var port = DevServers.Loopback.FreePort();
        var host = await StartAsync(partition, settings => settings["Mailboxes:0:OAuth:TokenEndpoint"] = $"http://127.0.0.1:{port}/token");

        var result = await host.PollAsync();

        Assert.StartsWith($"The token endpoint 127.0.0.1:{port} cannot be reached: ", result.Error, StringComparison.Ordinal);
        Assert.False(result.IsParked);
    }

    [Fact]
    public async Task A_token_that_cannot_be_renewed_is_used_to_its_end()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var host = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        signIn.Tokens.Script(partition.User, _ => new TokenReply(500, "{}"));
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromMinutes(57)));
        Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromMinutes(4)));
    }

    private Task<WebApplication> StartAsync(TestPartition partition, Action<LocalSettings>? change = null) => partition.StartPollerAsync(
        settings =>
        {
            signIn.SignIn(settings, partition, refreshToken: Refresh);
            settings["Mailboxes:0:OAuth:ClientSecret"] = Secret;
            // Without keys nothing waits for another poller's token, as the clock stands still.
            settings["Polling:KeyFolder"] = "";
            change?.Invoke(settings);
        },
        services => services.AddSingleton<TimeProvider>(_time).AddSingleton<ILoggerProvider>(_log));

    private async Task<PollEnd> PollAfterAsync(WebApplication host, TimeSpan wait)
    {
        _time.Advance(wait);
        return (await host.PollAsync()).End;
    }
}
