using EmailIngestion.Core.Tests.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class WebhookAddressTests
{
    [Theory]
    [InlineData("https://example.org/hook")]
    [InlineData("HTTPS://192.0.2.1:8443/")]
    [InlineData("http://localhost:8080/")]
    [InlineData("http://LOCALHOST/")]
    [InlineData("http://127.0.0.1:8080/hook?x=1")]
    [InlineData("http://127.8.9.10/")]
    [InlineData("http://[::1]:8080/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    public void TLS_goes_anywhere_and_plain_text_to_this_machine(string url) => Assert.Empty(Lines(url));

    [Theory]
    [InlineData("http://example.org/hook")]
    [InlineData("http://192.0.2.1/")]
    [InlineData("http://[2001:db8::1]/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[::]/")]
    [InlineData("http://128.0.0.1/")]
    [InlineData("http://localhost.example.org/")]
    [InlineData("http://127.0.0.1.example.org/")]
    [InlineData("http://invoices.default.svc:8080/")]
    [InlineData("HTTP://EXAMPLE.ORG/")]
    public void Plain_text_to_another_machine_is_refused_unless_allowed(string url)
    {
        var line = Assert.Single(Lines(url));
        Assert.StartsWith("Settings: Webhook:Url goes to '", line, StringComparison.Ordinal);
        Assert.Contains("Webhook:AllowHttp=true", line, StringComparison.Ordinal);
        Assert.Empty(Lines(url, allowHttp: "true"));
    }

    [Theory]
    [InlineData("https://ann:hunter3@example.org/")]
    [InlineData("https://hunter3@example.org/")]
    [InlineData("http://ann:hunter3@127.0.0.1/")]
    [InlineData("ftp://ann:hunter3@example.org/")]
    [InlineData("ann:hunter3@example.org")]
    public void An_address_with_a_password_is_refused_and_not_shown(string url)
    {
        var line = Assert.Single(Lines(url, allowHttp: "true"));
        Assert.StartsWith("Settings: Webhook:Url ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter3", line, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Lines(string url, string? allowHttp = null) => Start.Lines(Start.Good(
        ("Processing:Processor", "webhook"), ("Webhook:Url", url), ("Webhook:AllowHttp", allowHttp)));
}
