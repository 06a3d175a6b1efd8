using System.Net;
using EmailIngestion.Functions.Tests.Api;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>A request refuses a parameter that it does not know: a filter with a typing mistake must not select everything.</summary>
public sealed class ParameterTests(TestRedis redis)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Requests without a key are those of probes and browsers, which may add parameters of their own.
    public static TheoryData<string> WithKey =>
        [.. ApiDescription.Current.Operations.Where(operation => operation.Keys.Count > 0).Select(operation => operation.Id)];

    [Theory]
    [MemberData(nameof(WithKey))]
    public async Task Each_request_refuses_a_parameter_that_it_does_not_know(string id)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        var operation = ApiDescription.Current.Operations.Single(one => one.Id == id);
        var path = operation.Path.TrimStart('/').Replace("{id}", "1-0", StringComparison.Ordinal);
        var body = operation.Body is null ? null : "{}";
        var method = new HttpMethod(operation.Method);

        await Problems.AssertAsync(
            await host.SendAsync(method, $"{path}?mailboxx=ann", body), HttpStatusCode.BadRequest, "mailboxx is not a parameter");
        await Problems.AssertAsync(
            await host.SendAsync(method, $"{path}?=ann", body), HttpStatusCode.BadRequest, " is not a parameter");
        foreach (var name in operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query")
            .Select(parameter => parameter["name"]!.GetValue<string>()))
        {
            // Each parameter that is described is known, in upper and lower case.
            using var known = await host.SendAsync(method, $"{path}?{name.ToUpperInvariant()}=x", body);
            Assert.DoesNotContain("is not a parameter", await known.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            if (name is not ("partition" or "limit" or "after" or "newest"))
            {
                await Problems.AssertAsync(
                    await host.SendAsync(method, $"{path}?{name}=", body), HttpStatusCode.BadRequest, $"{name} is empty");
            }
        }

        Assert.Equal(1, await (await host.RedisAsync()).StreamLengthAsync(host.Keys.DeadLetters));
    }

    [Theory]
    [InlineData("dlq/replay", """{"filter":{"mailboxx":"ann"},"dryRun":true}""", "filter.mailboxx is not a field")]
    [InlineData("dlq/purge", """{"filter":{"Mailbox":"ann"},"dryRun":true}""", "filter.Mailbox is not a field")]
    [InlineData("dlq/purge", """{"filters":{"mailbox":"ann"},"dryRun":true}""", "filters is not a field")]
    [InlineData("control/pause", """{"scope":"everything","mailboxx":"ann"}""", "mailboxx is not a field")]
    [InlineData("mailboxes/unpark", """{"mailbox":"ann","uids":1}""", "uids is not a field")]
    [InlineData("mailboxes/backfill", """{"mailbox":"ann","from":"2024-01-01","until":"2024-01-02"}""", "until is not a field")]
    public async Task Each_body_refuses_a_field_that_it_does_not_know(string path, string body, string detail)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, path, body), HttpStatusCode.BadRequest, detail);
    }

    [Fact]
    public async Task The_status_of_one_partition_is_that_partition_only()
    {
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["Streams:Partitions:1"] = $"other{Guid.NewGuid():N}");
        Assert.Equal(2, (await host.GetJsonAsync("status")).GetProperty("partitions").GetArrayLength());
        var one = (await host.GetJsonAsync($"status?partition={host.Partition.Name}")).GetProperty("partitions");
        Assert.Equal([host.Partition.Name], one.EnumerateArray().Select(partition => partition.GetProperty("partition").GetString()));
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "status?partition=nowhere"), HttpStatusCode.BadRequest, "partition is 'nowhere'");
    }
}
