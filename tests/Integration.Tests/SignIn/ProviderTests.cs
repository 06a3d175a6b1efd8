using System.Security.Cryptography;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>
/// Tests the sign-in through the libraries of Microsoft and Google, against an endpoint of this machine and with a login on a real Dovecot.
/// </summary>
public sealed class ProviderTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>, IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;
    private TokenServer _entra = null!;

    // Entra ID is asked over https only.
    public async ValueTask InitializeAsync() => _entra = await TokenServer.StartAsync(_authority.Server());

    public async ValueTask DisposeAsync()
    {
        await _entra.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_application_of_Entra_ID_signs_in_by_its_secret()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartApplicationAsync(partition, settings => settings["Mailboxes:0:Microsoft:ClientSecret"] = "the-secret");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var call = Assert.Single(_entra.Calls(partition.Name));
        Assert.Equal("/the-tenant/oauth2/v2.0/token", call.Path);
        Assert.Equal(
            ("client_credentials", "the-secret", "https://outlook.office365.com/.default"),
            (call.Of("grant_type"), call.Of("client_secret"), call.Of("scope").Split(' ')[0]));
    }

    [Fact]
    public async Task An_application_of_Entra_ID_signs_in_by_its_certificate()
    {
        await using var partition = new TestPartition(servers);
        using var key = RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = Path.Combine(_folder, "app.pem");
        await File.WriteAllTextAsync(
            file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var host = await StartApplicationAsync(partition, settings => settings["Mailboxes:0:Microsoft:ClientCertificate"] = file);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var call = Assert.Single(_entra.Calls(partition.Name));
        Assert.Equal("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", call.Of("client_assertion_type"));
        Assert.Equal(3, call.Of("client_assertion").Split('.').Length);
        Assert.Empty(call.Of("client_secret"));
    }

    // Its variables are those of a process.
    [Fact]
    public async Task An_application_of_Entra_ID_signs_in_by_its_workload_identity()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        _entra.Script(partition.Name, _ => signIn.Tokens.Success(partition.User));
        var file = Path.Combine(_folder, "federated-token");
        await File.WriteAllTextAsync(file, "the-federated-token", TestContext.Current.CancellationToken);
        var settings = partition.PollingSettings();
        signIn.Point(settings);
        settings["Mailboxes:0:Authentication"] = "Microsoft";
        settings["Mailboxes:0:Microsoft:Authority"] = _entra.Address;
        settings["AZURE_TENANT_ID"] = "the-tenant";
        settings["AZURE_CLIENT_ID"] = partition.Name;
        settings["AZURE_FEDERATED_TOKEN_FILE"] = file;
        settings["SSL_CERT_FILE"] = _authority.File;

        await using var probe = CommandProcess.Start(partition, settings, "probe");

        Assert.True(await probe.EndAsync() == 0, probe.Output);
        Assert.Contains($"signed in as {partition.User} by access token", probe.Output, StringComparison.Ordinal);
        var call = Assert.Single(_entra.Calls(partition.Name));
        Assert.Equal("/the-tenant/oauth2/v2.0/token", call.Path);
        Assert.Equal(
            ("the-federated-token", "https://outlook.office365.com/.default"),
            (call.Of("client_assertion"), call.Of("scope").Split(' ')[0]));
    }

    [Theory]
    [InlineData("invalid_client", "AADSTS7000215: Invalid client secret provided.", true, "not to its ID.")]
    [InlineData("unauthorized_client", "AADSTS700016: Application not found in the directory.", true, "check ClientId and Tenant")]
    [InlineData("invalid_request", "AADSTS90002: Tenant 'the-tenant' not found.", true, "There is no such directory: check Tenant.")]
    [InlineData("temporarily_unavailable", "AADSTS90033", false, " fails (400, temporarily_unavailable).")]
    public async Task A_refusal_of_Entra_ID_is_explained(string code, string text, bool isParked, string says)
    {
        await using var partition = new TestPartition(servers);
        _entra.Script(partition.Name, _ => TokenReply.Error(code, text));
        var host = await StartApplicationAsync(partition, settings => settings["Mailboxes:0:Microsoft:ClientSecret"] = "the-secret");

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, isParked), (result.End, result.IsParked));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Single(_entra.Calls(partition.Name));
    }

    [Theory]
    [InlineData(429, "{}", " asks for a pause (429). The mailbox waits.")]
    [InlineData(500, "{}", " fails (500).")]
    [InlineData(200, "<html>", "No access token from https://127.0.0.1")]
    public async Task A_failure_of_Entra_ID_is_asked_once_and_named(int status, string body, string says)
    {
        await using var partition = new TestPartition(servers);
        _entra.Script(partition.Name, _ => new TokenReply(status, body, "600"));
        var host = await StartApplicationAsync(partition, settings => settings["Mailboxes:0:Microsoft:ClientSecret"] = "the-secret");

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, false, false), (result.End, result.IsParked, result.IsOwnFault));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Single(_entra.Calls(partition.Name));
        Assert.Equal(status == 429 ? PollEnd.BackingOff : PollEnd.Failed, (await host.PollAsync()).End);
    }

    [Fact]
    public async Task A_directory_that_is_no_name_is_named()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartApplicationAsync(partition, settings =>
        {
            settings["Mailboxes:0:Microsoft:ClientSecret"] = "the-secret";
            settings["Mailboxes:0:Microsoft:Tenant"] = "no name";
        });

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, false), (result.End, result.IsOwnFault));
        Assert.StartsWith($"No access token from {_entra.Address}: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_Entra_ID_signs_in_by_a_refresh_token()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartApplicationAsync(partition, settings =>
        {
            settings["Mailboxes:0:Microsoft:Tenant"] = null;
            settings["Mailboxes:0:Microsoft:RefreshToken"] = "the-refresh-token";
        });

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var call = Assert.Single(_entra.Calls(partition.Name));
        Assert.Equal("/common/oauth2/v2.0/token", call.Path);
        Assert.Equal("https://outlook.office.com/IMAP.AccessAsUser.All offline_access", call.Of("scope"));
    }

    [Fact]
    public async Task A_service_account_of_Google_signs_in_as_the_user()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        var host = await StartServiceAccountAsync(partition);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        var call = Assert.Single(signIn.Tokens.Calls(partition.User));
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", call.Of("grant_type"));
        var claims = JsonDocument.Parse(
            System.Buffers.Text.Base64Url.DecodeFromChars(call.Of("assertion").Split('.')[1])).RootElement;
        Assert.Equal("robot@project.example.test", claims.GetProperty("iss").GetString());
        Assert.Equal("https://mail.google.com/", claims.GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData(401, """{"error":"unauthorized_client","error_description":"No client"}""", true, "(unauthorized_client): No client. ")]
    [InlineData(503, "{}", false, " asks for a pause (503).")]
    [InlineData(200, "<html>", false, " answers without an access token. Check token_uri in it.")]
    [InlineData(200, "{}", false, " answers without an access token. Check token_uri in it.")]
    public async Task A_failure_of_Google_is_asked_once_and_named(int status, string body, bool isParked, string says)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => new TokenReply(status, body));
        var host = await StartServiceAccountAsync(partition);

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.Failed, isParked, false), (result.End, result.IsParked, result.IsOwnFault));
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Single(signIn.Tokens.Calls(partition.User));
    }

    private Task<WebApplication> StartServiceAccountAsync(TestPartition partition)
    {
        using var key = RSA.Create(2048);
        var file = Path.Combine(_folder, "service-account.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            type = "service_account",
            private_key_id = "1",
            private_key = key.ExportPkcs8PrivateKeyPem(),
            client_email = "robot@project.example.test",
            client_id = "2",
            token_uri = $"{signIn.Tokens.Address}/token",
        }));
        return partition.StartPollerAsync(settings =>
        {
            signIn.Point(settings);
            settings["Mailboxes:0:Authentication"] = "Google";
            settings["Mailboxes:0:Google:ServiceAccountFile"] = file;
        });
    }

    // The client ID is the partition's name. The user is on the Dovecot, whose tokens both endpoints share.
    private async Task<WebApplication> StartApplicationAsync(TestPartition partition, Action<LocalSettings> change)
    {
        var trust = new ServerTrust(_authority.File, "the endpoint");
        await signIn.AddUserAsync(partition);
        if (!_entra.HasScript(partition.Name))
            _entra.Script(partition.Name, _ => signIn.Tokens.Success(partition.User));
        return await partition.StartPollerAsync(
            settings =>
            {
                signIn.Point(settings);
                settings["Mailboxes:0:Authentication"] = "Microsoft";
                settings["Mailboxes:0:Microsoft:Authority"] = _entra.Address;
                settings["Mailboxes:0:Microsoft:Tenant"] = "the-tenant";
                settings["Mailboxes:0:Microsoft:ClientId"] = partition.Name;
                change(settings);
            },
            // The machine does not trust the test's authority.
            services => services.AddHttpClient(AccessTokenSources.Client).ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    SslOptions = { RemoteCertificateValidationCallback = (_, shown, chain, errors) => trust.Accepts(shown, chain, errors) },
                }));
    }
}
