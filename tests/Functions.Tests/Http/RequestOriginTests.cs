using System.Text;
using EmailIngestion.Configuration;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>A page of another site, in a browser of this machine, can neither read nor change anything.</summary>
public sealed class RequestOriginTests(TestRedis redis)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:7071", 200)]
    [InlineData("127.0.0.1:9000", 200)]
    [InlineData("[::1]:7071", 200)]
    [InlineData("mail.example", 200)]
    [InlineData("mail.example:8443", 200)]
    [InlineData("evil.example", 403)]
    [InlineData("evil.example:7071", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    public async Task A_name_of_another_site_is_refused(string name, int status)
    {
        await using var host = await StartAsync();
        var answer = await AskAsync(host, "GET /api/health/live", $"Host: {name}");
        Assert.Equal(status, answer.Status);
        if (status == 403)
            Assert.Contains("Local:HostNames", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin: http://localhost:7071", 404)]
    [InlineData("Origin: https://localhost:7071", 404)]
    [InlineData("Origin: http://localhost", 403)]
    [InlineData("Origin: http://evil.example", 403)]
    [InlineData("Origin: http://localhost:7071.evil.example", 403)]
    [InlineData("Origin: null", 403)]
    [InlineData("Sec-Fetch-Site: cross-site", 403)]
    [InlineData("Sec-Fetch-Site: same-site", 403)]
    [InlineData("Sec-Fetch-Site: same-origin", 404)]
    public async Task A_change_comes_from_a_page_of_this_process_or_from_none(string header, int status)
    {
        await using var host = await StartAsync();
        foreach (var line in new[] { "DELETE /api/dlq/1-0", "POST /api/dlq/1-0/replay" })
            Assert.Equal(status, (await AskAsync(host, line, $"Host: localhost:7071\r\n{header}")).Status);
    }

    [Fact]
    public async Task Reading_is_not_changed_by_an_origin()
    {
        await using var host = await StartAsync();
        Assert.Equal(200, (await AskAsync(host, "GET /api/dlq", "Host: localhost\r\nOrigin: http://evil.example")).Status);
    }

    [Fact]
    public async Task A_name_with_a_port_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<SettingsException>(
            () => TestHost.StartAsync(redis.ConnectionString, settings => settings["Local:HostNames"] = "mail.example:80"));
        Assert.StartsWith("Local:HostNames has 'mail.example:80'", error.Message, StringComparison.Ordinal);
    }

    private async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["Local:HostNames"] = "mail.example, other.example");
        (await host.SendAsync(HttpMethod.Get, "health/live")).Dispose();
        return host;
    }

    private static Task<RawAnswer> AskAsync(TestHost host, string line, string headers) => RawHttp.AskAsync(
        host.Client.BaseAddress!,
        Encoding.ASCII.GetBytes(
            $"{line} HTTP/1.1\r\n{headers}\r\nx-functions-key: {host.ReadKeys()["default"]}\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n"),
        Cancel);
}
