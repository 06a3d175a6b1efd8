using System.Net;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class KeyTests(TestRedis redis)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Guarded => new()
    {
        { "GET", "status" }, { "GET", "dlq" }, { "GET", "dlq/1-0" }, { "GET", "dlq/1-0/raw" }, { "POST", "dlq/1-0/replay" },
        { "DELETE", "dlq/1-0" }, { "GET", "dlq/groups" }, { "GET", "dlq/export" }, { "POST", "dlq/replay" }, { "POST", "dlq/purge" },
        { "GET", "jobs" }, { "GET", "jobs/x" }, { "DELETE", "jobs/x" }, { "GET", "audit" },
        { "DELETE", "dlq/1-0" }, { "GET", "control" }, { "POST", "control/pause" }, { "POST", "control/resume" },
        { "PUT", "control/concurrency" }, { "POST", "mailboxes/poll" }, { "POST", "mailboxes/unpark" }, { "POST", "mailboxes/forget" },
        { "POST", "mailboxes/backfill" }, { "GET", "settings" },
    };

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task A_guarded_function_wants_a_key(string method, string path)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await SendAsync(host, method, path, null), HttpStatusCode.Unauthorized, "x-functions-key");
        await Problems.AssertAsync(await SendAsync(host, method, path, "wrong"), HttpStatusCode.Unauthorized, "x-functions-key");
        await Problems.AssertAsync(await SendAsync(host, method, path, ""), HttpStatusCode.Unauthorized, "x-functions-key");
        var keys = host.ReadKeys();
        foreach (var key in keys.Values)
        {
            using var response = await SendAsync(host, method, path, key);
            Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("health/live")]
    [InlineData("health/ready")]
    public async Task Health_wants_none(string path)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var response = await SendAsync(host, "GET", path, null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_key_may_be_in_the_address_and_the_header_comes_first()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var refused = await host.Client.GetAsync("status?code=wrong", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var key = Uri.EscapeDataString(host.ReadKeys()["default"]);
        using var admitted = await host.Client.GetAsync($"status?code={key}", Cancel);
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
        using var wrongHeader = await SendAsync(host, "GET", $"status?code={key}", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, wrongHeader.StatusCode);
    }

    [Theory]
    [InlineData("POST", "dlq/1-0/replay")]
    [InlineData("DELETE", "dlq/1-0")]
    [InlineData("DELETE", "jobs/x")]
    [InlineData("POST", "control/pause")]
    [InlineData("POST", "control/resume")]
    [InlineData("PUT", "control/concurrency")]
    [InlineData("POST", "mailboxes/poll")]
    [InlineData("POST", "mailboxes/unpark")]
    [InlineData("POST", "mailboxes/forget")]
    [InlineData("POST", "mailboxes/backfill")]
    public async Task A_change_takes_its_key_from_the_header_only(string method, string path)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        (await SendAsync(host, "GET", "status", "wrong")).Dispose();
        var key = host.ReadKeys()["default"];
        var address = $"{path}?code={Uri.EscapeDataString(key)}";
        await Problems.AssertAsync(await SendAsync(host, method, address, null), HttpStatusCode.Forbidden, "x-functions-key");
        await Problems.AssertAsync(await SendAsync(host, method, address, key), HttpStatusCode.Forbidden, "x-functions-key");
        using var admitted = await SendAsync(host, method, path, key);
        Assert.NotEqual(HttpStatusCode.Forbidden, admitted.StatusCode);
    }

    /// <summary>Routes exist only under the prefix and for their methods. (The real host answers 404 to a wrong method.)</summary>
    [Theory]
    [InlineData("POST", "status", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "dlq", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "dlq/1-0/replay", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "health/live", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "", HttpStatusCode.NotFound)]
    [InlineData("GET", "nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "../status", HttpStatusCode.NotFound)]
    [InlineData("GET", "PollMailboxes", HttpStatusCode.NotFound)]
    public async Task Other_routes_and_methods_are_not_answered(string method, string path, HttpStatusCode status)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var response = await host.SendAsync(new HttpMethod(method), path);
        Assert.Equal(status, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestHost host, string method, string path, string? key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        return await host.Client.SendAsync(request, Cancel);
    }
}
