using System.Diagnostics;
using System.Net;
using System.Text;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class ServerLimitTests(TestRedis redis)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Slowloris: each connection sends bytes slowly and never ends its headers.
    [Fact]
    public async Task Two_hundred_half_open_connections_stop_no_good_request()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var slow = new List<RawHttp>();
        for (var i = 0; i < 200; i++)
            slow.Add(await RawHttp.ConnectAsync(host.Client.BaseAddress!, Cancel));
        var dripping = slow.Select(connection => DripAsync(connection, stop.Token)).ToArray();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                using var response = await host.SendAsync(HttpMethod.Get, "status").WaitAsync(TimeSpan.FromSeconds(60), Cancel);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            // The server closes the slow connections.
            var ends = await Task.WhenAll(slow.Select(connection => connection.ReadToEndAsync(Cancel)))
                .WaitAsync(TimeSpan.FromSeconds(120), Cancel);
            Assert.All(ends, end => Assert.True(RawAnswer.Parse(end).Status is 0 or 408));
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(dripping);
            slow.ForEach(connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task A_body_that_no_request_needs_is_refused_before_it_comes()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var request =
            "POST /api/dlq/1-0/replay HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 10000000\r\n\r\n"u8.ToArray();
        var answer = await RawHttp.AskAsync(host.Client.BaseAddress!, request, Cancel);
        Assert.Equal(413, answer.Status);
        Assert.Contains("65536 bytes", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_forbids_caching_and_guessing_of_its_type()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var id = await host.MoveAsync(1, "<script>alert(1)</script>"u8.ToArray());
        string[] paths =
            ["status", "scaler", "dlq", $"dlq/{id}", $"dlq/{id}/raw", "dlq/1-0", "dlq?limit=x", "health/live", "health/ready", "nothing"];
        foreach (var path in paths)
        {
            using var response = await host.SendAsync(HttpMethod.Get, path);
            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }

        using var raw = await host.SendAsync(HttpMethod.Get, $"dlq/{id}/raw");
        Assert.Equal("attachment", raw.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("message/rfc822", raw.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("GET", "nothing", HttpStatusCode.NotFound, "No function has this address.")]
    [InlineData("PUT", "status", HttpStatusCode.MethodNotAllowed, "does not answer PUT")]
    public async Task A_path_without_a_function_is_a_problem_too(string method, string path, HttpStatusCode status, string says)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(new HttpMethod(method), path), status, says);
    }

    [Theory]
    [InlineData("PUT", "status", "GET")]
    [InlineData("HEAD", "dlq/1-0/raw", "GET")]
    [InlineData("OPTIONS", "dlq/1-0/replay", "POST")]
    [InlineData("DELETE", "control/concurrency", "PUT")]
    [InlineData("PATCH", "jobs/1700000000000-0", "DELETE, GET")]
    [InlineData("GET", "dlq/replay", "POST")]
    [InlineData("DELETE", "dlq/replay", "POST")]
    [InlineData("PATCH", "dlq/replay", "POST")]
    [InlineData("PUT", "dlq/groups", "GET")]
    [InlineData("PATCH", "dlq/1-0", "DELETE, GET")]
    [InlineData("GET", "dlq/purge", "POST")]
    [InlineData("DELETE", "dlq/Purge", "POST")]
    [InlineData("DELETE", "dlq/groups", "GET")]
    [InlineData("DELETE", "dlq/export", "GET")]
    public async Task A_wrong_method_is_answered_with_those_that_there_are(string method, string path, string allowed)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var response = await host.SendAsync(new HttpMethod(method), path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
    }

    // As a host asks that has no route before the one of a dead letter.
    [Theory]
    [InlineData("replay", "POST")]
    [InlineData("Purge", "POST")]
    [InlineData("groups", "GET")]
    [InlineData("export", "GET")]
    public async Task A_dead_letter_has_no_id_that_is_the_name_of_a_function(string id, string allowed)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var functions = new DeadLetterFunctions(host.Services.GetRequiredService<StreamPartitions>());
        Func<HttpRequest, string, CancellationToken, Task<IResult>>[] calls = [functions.GetAsync, functions.DeleteAsync];
        foreach (var ask in calls)
        {
            var context = new DefaultHttpContext { RequestServices = host.Services };
            await (await ask(context.Request, id, TestContext.Current.CancellationToken)).ExecuteAsync(context);
            Assert.Equal((405, allowed), (context.Response.StatusCode, context.Response.Headers.Allow.ToString()));
        }
    }

    [Fact]
    public async Task An_internal_error_is_a_problem_without_details()
    {
        var time = new FaultyTime();
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, configure: services => services.AddSingleton<TimeProvider>(time));
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();
        time.IsFaulty = true;
        using var response = await host.SendAsync(HttpMethod.Get, "status");
        time.IsFaulty = false;
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain(FaultyTime.Words, body, StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        await Problems.AssertAsync(response, HttpStatusCode.InternalServerError, "The request failed");
    }

    [Fact]
    public async Task A_client_that_tries_keys_waits_and_one_with_a_key_does_not()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 7; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(host, $"wrong-{i}"));
        // 0.25 s for the sixth request and 0.5 s for the seventh.
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.7), $"{Stopwatch.GetElapsedTime(started)}");

        var flood = Enumerable.Range(0, 40).Select(i => TryAsync(host, $"guess-{i}")).ToArray();
        await Eventually.TrueAsync(() => flood.Any(one => one.IsCompleted), "requests beyond the limit are refused");
        using var good = await host.SendAsync(HttpMethod.Get, "dlq");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        // Some of the guesses wait 8 seconds. A good request that waits is answered after them.
        Assert.Contains(flood, guess => !guess.IsCompleted);
        var answers = await Task.WhenAll(flood);
        // Ten are held at a time. On a slow machine the first of them end before the last request arrives.
        Assert.InRange(answers.Count(status => status == HttpStatusCode.Unauthorized), 10, 20);
        Assert.InRange(answers.Count(status => status == HttpStatusCode.TooManyRequests), 20, 30);
    }

    private static async Task<HttpStatusCode> TryAsync(TestHost host, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "status") { Headers = { { "x-functions-key", key } } };
        using var response = await host.Client.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    private static async Task DripAsync(RawHttp connection, CancellationToken stop)
    {
        var bytes = Encoding.ASCII.GetBytes("GET /api/status HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            try
            {
                await connection.SendAsync([i < bytes.Length ? bytes[i] : (byte)'x'], stop);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stop);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private sealed class FaultyTime : TimeProvider
    {
        public const string Words = "not for clients";

        public volatile bool IsFaulty;

        public override DateTimeOffset GetUtcNow() => IsFaulty ? throw new InvalidOperationException(Words) : base.GetUtcNow();
    }
}
