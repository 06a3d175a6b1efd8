using System.Net;
using System.Text;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class HostileRequestTests(TestRedis redis)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // A seed that found a fault stays in this list.
    public static TheoryData<int> Seeds => [1, 2, 3, 20, 404, 7071];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Each_is_refused_with_a_problem_and_the_process_goes_on(int seed)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();
        var requests = new HostileRequests(seed, host.ReadKeys()["default"]).All().ToArray();
        Assert.True(requests.Length >= 90);
        await Parallel.ForEachAsync(
            requests, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (request, token) =>
        {
            var answer = await RawHttp.AskAsync(host.Client.BaseAddress!, request.Bytes, token);
            AssertRefused(answer, $"seed {seed}, {request.Name}: {Shown(request.Bytes)}");
        });

        using var live = await host.Client.GetAsync("health/live", Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Single((await host.GetJsonAsync("dlq")).GetProperty("deadLetters").EnumerateArray());
    }

    private static void AssertRefused(RawAnswer answer, string request)
    {
        Assert.True(answer.Status is >= 400 and < 500 or >= 501 and < 600, $"{request}\nis answered {answer.Status}: {answer.Head}");
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\n   at ", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Injected", answer.Head, StringComparison.OrdinalIgnoreCase);
        // The server itself refuses invalid HTTP, with a status and no body.
        if (answer.Body.Length == 0)
            return;
        Assert.True(
            answer.Head.Contains("application/problem+json", StringComparison.Ordinal),
            $"{request}\nis answered {answer.Head}\n{answer.Body}");
        using var problem = JsonDocument.Parse(answer.Body);
        Assert.Equal(answer.Status, problem.RootElement.GetProperty("status").GetInt32());
    }

    private static string Shown(byte[] request) =>
        JsonSerializer.Serialize(Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(request.Length, 300))));
}
