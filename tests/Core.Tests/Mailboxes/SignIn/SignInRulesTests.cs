using EmailIngestion.Core.Tests.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes.SignIn;

/// <summary>Tests that each wrong combination of settings ends the start with one line that names the setting.</summary>
public sealed class SignInRulesTests
{
    private const string Mailbox = "Mailboxes:0:";

    [Theory]
    [InlineData("Microsoft", "Microsoft:Tenant=t", "Microsoft:ClientId=c", "Microsoft:ClientSecret=s")]
    [InlineData("Microsoft", "Microsoft:ClientId=c", "Microsoft:RefreshToken=r")]
    [InlineData("Microsoft", "Microsoft:ClientId=c", "Microsoft:ClientSecret=s", "Microsoft:RefreshToken=r")]
    [InlineData("microsoft", "Microsoft:ClientId=c", "Microsoft:RefreshToken=r", "Microsoft:Authority=http://localhost:1")]
    [InlineData("Google", "Google:ClientId=c", "Google:ClientSecret=s", "Google:RefreshToken=r")]
    [InlineData("OAuth", "OAuth:TokenEndpoint=https://id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r")]
    [InlineData("OAuth", "OAuth:TokenEndpoint=http://[::1]:1/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r", "SaslMechanism=XOAUTH2")]
    public void Complete_settings_print_nothing(string authentication, params string[] settings) =>
        Assert.Empty(Lines(authentication, settings));

    [Theory]
    [InlineData("Kerberos", "Mailboxes:0:Authentication")]
    [InlineData("Microsoft", "Mailboxes:0:Microsoft has no way to sign in: set ClientSecret, ClientCertificate or RefreshToken")]
    [InlineData("Microsoft", "Mailboxes:0:Microsoft:Tenant is missing.", "Microsoft:ClientId=c", "Microsoft:ClientSecret=s")]
    [InlineData("Microsoft", "Mailboxes:0:Microsoft:ClientId is missing.", "Microsoft:Tenant=t", "Microsoft:ClientSecret=s")]
    [InlineData("Microsoft", "Mailboxes:0:Microsoft:ClientId is missing.", "Microsoft:RefreshToken=r")]
    [InlineData(
        "Microsoft", "Mailboxes:0:Microsoft:ClientCertificate is no/such.pem, but there is no such file.",
        "Microsoft:Tenant=t", "Microsoft:ClientId=c", "Microsoft:ClientCertificate=no/such.pem")]
    [InlineData(
        "Microsoft", "Mailboxes:0:Microsoft:Authority is 'login.example': it must be an absolute https address.",
        "Microsoft:ClientId=c", "Microsoft:RefreshToken=r", "Microsoft:Authority=login.example")]
    [InlineData(
        "Microsoft", "Mailboxes:0:Microsoft:Authority is 'http://localhost:1': an application signs in over https only.",
        "Microsoft:Tenant=t", "Microsoft:ClientId=c", "Microsoft:ClientSecret=s", "Microsoft:Authority=http://localhost:1")]
    [InlineData(
        "Microsoft", "Mailboxes:0:Microsoft:TenantId is not a setting; Mailboxes:0:Microsoft has Tenant,", "Microsoft:TenantId=t")]
    [InlineData("Microsoft", "Mailboxes:0:Microsoft is 'yes': it has no value, but the parts Tenant, ClientId,", "Microsoft=yes")]
    [InlineData("Google", "Mailboxes:0:Google has no way to sign in: set ServiceAccountFile, or ClientId, ClientSecret and RefreshToken.")]
    [InlineData("Google", "Mailboxes:0:Google:ClientSecret is missing.", "Google:ClientId=c", "Google:RefreshToken=r")]
    [InlineData(
        "Google", "Mailboxes:0:Google:ServiceAccountFile is no/such.json, which cannot be read: ",
        "Google:ServiceAccountFile=no/such.json")]
    [InlineData("OAuth", "Mailboxes:0:OAuth:TokenEndpoint is missing.", "OAuth:ClientId=c", "OAuth:RefreshToken=r")]
    [InlineData(
        "OAuth", "Mailboxes:0:OAuth:TokenEndpoint goes to 'id.example' over http, where others can read the secret: use https.",
        "OAuth:TokenEndpoint=http://id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r")]
    [InlineData(
        "OAuth", "Mailboxes:0:OAuth:TokenEndpoint must have no user name, no password and no fragment.",
        "OAuth:TokenEndpoint=https://a:b@id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r")]
    [InlineData(
        "OAuth", "Mailboxes:0:OAuth:RefreshToken is not a refresh token: ",
        "OAuth:TokenEndpoint=https://id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=two words")]
    [InlineData(
        "OAuth", "Mailboxes:0:SaslMechanism is 'PLAIN'; it must be one of XOAUTH2, OAUTHBEARER, since Authentication is OAuth.",
        "OAuth:TokenEndpoint=https://id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r", "SaslMechanism=PLAIN")]
    [InlineData(
        "OAuth",
        "Mailboxes:0:Security is None and Mailboxes:0:Authentication is OAuth: an access token is sent only under TLS. "
            + "Set Security to Tls or StartTls.",
        "OAuth:TokenEndpoint=https://id.example/token", "OAuth:ClientId=c", "OAuth:RefreshToken=r", "Security=None")]
    [InlineData(
        "Password",
        "Mailboxes:0:Microsoft is set, but Mailboxes:0:Authentication is Password: "
            + "set Authentication to Microsoft, or remove the settings.",
        "Password=p", "Microsoft:ClientId=c")]
    [InlineData("Password", "Mailboxes:0:Password is missing.")]
    public void A_wrong_combination_prints_one_line_that_names_it(string authentication, string says, params string[] settings)
    {
        var line = Assert.Single(Lines(authentication, settings));
        Assert.Contains(says, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "which is not the JSON key of a service account")]
    [InlineData("{}", "which is not the JSON key of a service account")]
    [InlineData("[]", "which is not the JSON key of a service account")]
    [InlineData("""{"type":"authorized_user","client_id":"1"}""", "which is not the JSON key of a service account")]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":"top-secret"}""", "which is not the JSON key")]
    public void A_file_that_is_no_service_account_is_refused(string content, string says)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, content);
            var line = Assert.Single(Lines("Google", $"Google:ServiceAccountFile={file}"));
            Assert.Contains($"Mailboxes:0:Google:ServiceAccountFile is {file}, {says}", line, StringComparison.Ordinal);
            Assert.DoesNotContain("top-secret", line, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_process_that_does_not_poll_needs_no_secrets() =>
        Assert.Empty(Start.Lines(new()
        {
            ["REDIS_HOST"] = "localhost",
            ["Polling:Enabled"] = "false",
            ["Mailboxes:0:Username"] = "ann@example.org",
            ["Mailboxes:0:Authentication"] = "Microsoft",
        }));

    private static IReadOnlyList<string> Lines(string authentication, params string[] settings)
    {
        var all = Start.Good((Mailbox + "Authentication", authentication), (Mailbox + "Password", null));
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            all[Mailbox + parts[0]] = parts[1];
        }

        return Start.Lines(all);
    }
}
