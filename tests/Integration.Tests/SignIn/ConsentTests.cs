using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Mailboxes.SignIn.Consent;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>Tests a person's consent, by browser and by device code. The test is the person.</summary>
public sealed class ConsentTests : IAsyncLifetime
{
    private readonly string _client = $"client-{Guid.NewGuid():N}";
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly InFlight _inFlight = new();
    private readonly HttpClient _browser = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private ServiceProvider _services = null!;
    private TokenServer _tokens = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _tokens = await TokenServer.StartAsync();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSignInClient();
        services.AddHttpClient(AccessTokenSources.Client).AddHttpMessageHandler(() => new CountingHandler(_inFlight));
        _services = services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _services.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Theory]
    [InlineData(MailboxAuthentication.OAuth, "127.0.0.1")]
    [InlineData(MailboxAuthentication.Microsoft, "localhost")]
    public async Task A_consent_in_the_browser_gives_a_refresh_token(MailboxAuthentication kind, string host)
    {
        _tokens.Script(_client, _ => _tokens.Success("ann", refreshToken: "the-refresh-token"));
        var (consent, address) = await BeginAsync(kind);
        var query = QueryHelpers.ParseQuery(address.Query);
        Assert.Equal(
            ["code", _client, "S256", "ann@example.org"],
            ((string[])["response_type", "client_id", "code_challenge_method", "login_hint"]).Select(name => query[name].ToString()));
        var redirect = new Uri(query["redirect_uri"].ToString());
        Assert.Equal(("http", host, "/"), (redirect.Scheme, redirect.Host, redirect.AbsolutePath));

        // The port may be tried by other pages.
        var port = redirect.Port;
        foreach (var wrong in (string[])["/favicon.ico", "/?code=stolen", "/?code=stolen&state=x", $"/x?code=c&state={query["state"]}"])
            Assert.Equal(HttpStatusCode.BadRequest, (await _browser.GetAsync($"http://127.0.0.1:{port}{wrong}", Token)).StatusCode);
        var page = await _browser.GetStringAsync($"http://127.0.0.1:{port}/?code=the-code&state={query["state"]}", Token);

        Assert.Contains("The sign-in is complete.", page, StringComparison.Ordinal);
        Assert.Equal("the-refresh-token", (await consent).RefreshToken);
        var call = Assert.Single(_tokens.Calls(_client));
        Assert.Equal(
            ("authorization_code", "the-code", query["redirect_uri"].ToString()),
            (call.Of("grant_type"), call.Of("code"), call.Of("redirect_uri")));
        Assert.Equal(
            query["code_challenge"].ToString(),
            Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(call.Of("code_verifier")))));
    }

    [Fact]
    public async Task A_refused_consent_is_explained()
    {
        var (consent, address) = await BeginAsync(MailboxAuthentication.OAuth);
        var query = QueryHelpers.ParseQuery(address.Query);
        await _browser.GetStringAsync(
            $"{query["redirect_uri"]}/?error=access_denied&error_description=No%0Athanks&state={query["state"]}", Token);

        var error = await Assert.ThrowsAsync<SignInException>(() => consent);
        Assert.Equal("access_denied", error.Code);
        Assert.EndsWith(
            "(access_denied): No thanks. The consent was refused, or an administrator blocks the application.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_that_does_not_come_ends()
    {
        var (consent, _) = await BeginAsync(MailboxAuthentication.OAuth);
        await AdvanceAsync(consent);
        Assert.Equal("Nobody consented within 15 minutes.", (await Assert.ThrowsAsync<SignInException>(() => consent)).Message);
    }

    [Theory]
    [InlineData(MailboxAuthentication.OAuth, "/device", "/token")]
    [InlineData(MailboxAuthentication.Microsoft, "/common/oauth2/v2.0/devicecode", "/common/oauth2/v2.0/token")]
    public async Task A_device_code_gives_a_refresh_token(MailboxAuthentication kind, string device, string token)
    {
        var answers = new ConcurrentQueue<TokenReply>(
        [
            Device(),
            TokenReply.Error("authorization_pending"),
            TokenReply.Error("slow_down"),
            new TokenReply(503, "", "1"),
            TokenReply.Error("authorization_pending") with { Status = 428 },
            _tokens.Success("ann", refreshToken: "the-refresh-token"),
        ]);
        _tokens.Script(_client, _ => answers.TryDequeue(out var next) ? next : null);
        var shown = "";
        var began = _time.GetUtcNow();

        var consent = DeviceAsync((address, code) => shown = $"{address} {code}", kind);
        await AdvanceAsync(consent);

        Assert.Equal("the-refresh-token", (await consent).RefreshToken);
        Assert.Equal("https://id.example/device ABCD EFGH", shown);
        Assert.Equal([device, token, token, token, token, token], _tokens.Calls(_client).Select(call => call.Path));
        Assert.Equal("urn:ietf:params:oauth:grant-type:device_code", _tokens.Calls(_client)[1].Of("grant_type"));
        // Two intervals of 2 s, then 7 s, then two of 12 s.
        Assert.True((_time.GetUtcNow() - began).TotalSeconds >= 2 + 2 + 7 + 12 + 12);
    }

    [Theory]
    [InlineData("access_denied", "The consent was refused, or an administrator blocks the application.")]
    [InlineData("expired_token", "The device code has expired. Begin again.")]
    public async Task A_refused_device_code_is_explained(string code, string says)
    {
        _tokens.Script(_client, call => call.Path == "/device" ? Device() : TokenReply.Error(code));
        var consent = DeviceAsync((_, _) => { });
        await AdvanceAsync(consent);
        Assert.EndsWith(says, (await Assert.ThrowsAsync<SignInException>(() => consent)).Message, StringComparison.Ordinal);
        Assert.Equal(2, _tokens.Calls(_client).Count);
    }

    [Fact]
    public async Task A_device_code_that_nobody_enters_ends()
    {
        _tokens.Script(_client, call => call.Path == "/device" ? Device(life: 30) : TokenReply.Error("authorization_pending"));
        var consent = DeviceAsync((_, _) => { });
        await AdvanceAsync(consent);
        Assert.Equal("Nobody entered the code in time. Begin again.", (await Assert.ThrowsAsync<SignInException>(() => consent)).Message);
    }

    [Fact]
    public async Task An_address_without_device_codes_is_named()
    {
        _tokens.Script(_client, _ => new TokenReply(200, "{}"));
        Assert.EndsWith(
            " answers without a device code. Check its address.",
            (await Assert.ThrowsAsync<SignInException>(() => DeviceAsync((_, _) => { }))).Message,
            StringComparison.Ordinal);
    }

    private static TokenReply Device(int life = 3_600) => new(
        200,
        $$"""
        {"device_code":"the-device-code","user_code":"ABCD\u0007EFGH","verification_uri":"https://id.example/device",
        "expires_in":{{life}},"interval":2}
        """);

    // The time stands still while a request is on its way, however slow the machine is.
    private async Task AdvanceAsync(Task consent)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!consent.IsCompleted && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(1))
        {
            if (_inFlight.Count == 0)
                _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    private Task<TokenAnswer> DeviceAsync(Action<string, string> show, MailboxAuthentication kind = MailboxAuthentication.OAuth) =>
        new DeviceConsent(Provider(kind, device: true), Client(), _time).RunAsync(show, Token);

    private async Task<(Task<TokenAnswer> Consent, Uri Address)> BeginAsync(MailboxAuthentication kind)
    {
        var provider = Provider(kind, device: false);
        var shown = new TaskCompletionSource<Uri>();
        var consent = new BrowserConsent(provider, new TokenEndpoint(Client(), provider.Token, _time), _time)
            .RunAsync(shown.SetResult, Token);
        return (consent, await shown.Task);
    }

    private HttpClient Client() => _services.GetRequiredService<IHttpClientFactory>().CreateClient(AccessTokenSources.Client);

    private ConsentProvider Provider(MailboxAuthentication kind, bool device) => ConsentProvider.Of(
        new MailboxOptions
        {
            Username = "ann@example.org",
            Authentication = kind,
            Microsoft = { ClientId = _client, Authority = _tokens.Address },
            OAuth =
            {
                ClientId = _client,
                TokenEndpoint = $"{_tokens.Address}/token",
                AuthorizationEndpoint = $"{_tokens.Address}/authorize?realm=mail",
                DeviceEndpoint = $"{_tokens.Address}/device",
            },
        },
        "Mailboxes:0",
        device);

    private sealed class InFlight
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Add(int difference) => Interlocked.Add(ref _count, difference);
    }

    private sealed class CountingHandler(InFlight inFlight) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            inFlight.Add(1);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                inFlight.Add(-1);
            }
        }
    }
}
