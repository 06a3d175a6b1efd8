using System.Net;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class StartPageTests(TestRedis redis)
{
    [Fact]
    public async Task The_root_says_where_to_look_and_no_secret()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();

        using var answer = await host.Client.GetAsync("/", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        string[] urls = [.. text.Split('\n').Where(line => line.StartsWith("  /", StringComparison.Ordinal)).Select(line => line.Trim())];
        Assert.Equal(
            [
                "/api/audit   with the key", "/api/dlq   with the key", "/api/dlq/export   with the key", "/api/dlq/groups   with the key",
                "/api/health/live", "/api/health/ready", "/api/jobs   with the key", "/api/scaler   with the key",
                "/api/status   with the key",
            ],
            urls.Order(StringComparer.Ordinal));
        Assert.All(host.ReadKeys().Values, key => Assert.DoesNotContain(key, text, StringComparison.Ordinal));
        foreach (var url in urls)
        {
            using var one = await host.SendAsync(HttpMethod.Get, url.Split(' ')[0]);
            Assert.NotEqual(HttpStatusCode.NotFound, one.StatusCode);
        }
    }
}
