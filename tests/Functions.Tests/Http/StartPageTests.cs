using System.Net;
using EmailIngestion.Functions.Page;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class StartPageTests(TestRedis redis)
{
    [Fact]
    public async Task The_root_leads_to_the_page()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await client.GetAsync(new Uri(host.Client.BaseAddress!, "/"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "/api/ui"), (answer.StatusCode, answer.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task The_page_needs_no_key_and_shows_no_secret()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();
        using var answer = await host.Client.GetAsync("ui", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.All(host.ReadKeys().Values, key => Assert.DoesNotContain(key, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_headers_of_the_page_keep_others_out_of_it()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var answer = await host.Client.GetAsync("ui", TestContext.Current.CancellationToken);
        Assert.Equal("no-store", Header("Cache-Control"));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", Header("Cross-Origin-Resource-Policy"));
        var policy = Header("Content-Security-Policy").Split("; ");
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("require-trusted-types-for 'script'", policy);
        Assert.DoesNotContain(policy, directive => directive.Contains("unsafe", StringComparison.Ordinal));

        string Header(string name) => answer.Headers.GetValues(name).Single();
    }

    [Fact]
    public void Nothing_of_the_page_comes_from_elsewhere()
    {
        var page = System.Text.Encoding.UTF8.GetString(PageDocument.Current.Html.Span);
        var addresses = page.Split('\n').Where(line => line.Contains("://", StringComparison.Ordinal)).ToArray();
        // The names of the SVG namespace.
        Assert.All(addresses, line => Assert.Contains("http://www.w3.org/2000/svg", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("innerHTML")]
    [InlineData("outerHTML")]
    [InlineData("insertAdjacentHTML")]
    [InlineData("document.write")]
    [InlineData("eval(")]
    [InlineData("new Function")]
    public void The_script_of_the_page_makes_no_markup_or_code_of_text(string call) => Assert.DoesNotContain(
        call, System.Text.Encoding.UTF8.GetString(PageDocument.Current.Html.Span), StringComparison.Ordinal);
}
