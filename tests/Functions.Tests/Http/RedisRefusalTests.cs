using System.Net;
using EmailIngestion.DevServers;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>A temporary failure is 503 with Retry-After. A permanent refusal of Redis is reported with command and key.</summary>
public sealed class RedisRefusalTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task While_replicas_are_missing_a_replay_is_503_with_retry_after()
    {
        await using var server = await RedisProcess.StartAsync(
            new RedisProcessOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        await using var host = await TestHost.StartAsync(server.ConnectionString);
        var id = await host.MoveAsync(1, Raw);
        await (await host.RedisAsync()).ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", 1);

        foreach (var (method, path) in new[] { (HttpMethod.Post, $"dlq/{id}/replay"), (HttpMethod.Delete, $"dlq/{id}") })
        {
            var response = await host.SendAsync(method, path);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
            await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable, "NOREPLICAS");
        }

        Assert.Equal(id, (await host.GetJsonAsync($"dlq/{id}")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_DLQ_of_another_type_is_reported_by_its_key()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await (await host.RedisAsync()).StringSetAsync(host.Keys.DeadLetters, "x");

        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "dlq"), HttpStatusCode.InternalServerError, $"WRONGTYPE {host.Keys.DeadLetters}");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Delete, "dlq/1-0"), HttpStatusCode.InternalServerError, "WRONGTYPE");
        var partition = Assert.Single((await host.GetJsonAsync("status")).GetProperty("partitions").EnumerateArray());
        Assert.StartsWith($"Redis refuses XLEN on {host.Keys.DeadLetters}: WRONGTYPE", partition.GetProperty("problem")
            .GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_another_type_is_reported_by_its_key()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        await (await host.RedisAsync()).StringSetAsync(host.Keys.Stream, "x");

        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "status"), HttpStatusCode.InternalServerError, $"on {host.Keys.Stream}: WRONGTYPE");
    }

    [Fact]
    public async Task A_damaged_cursor_is_reported_in_the_status_beside_the_other_mailboxes()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, Raw);
        await host.AppendAsync(1, Raw, mailbox: "bob@example.org/INBOX");
        await (await host.RedisAsync()).HashSetAsync(host.Keys.Cursor("ann@example.org/INBOX"), "last", "junk");

        var partition = Assert.Single((await host.GetJsonAsync("status")).GetProperty("partitions").EnumerateArray());
        var errors = partition.GetProperty("mailboxes").EnumerateArray()
            .Select(mailbox => mailbox.GetProperty("error").GetString()).ToArray();
        Assert.StartsWith(
            "The cursor of mailbox 'ann@example.org/INBOX' is damaged: field 'last' is 'junk'.", errors[0], StringComparison.Ordinal);
        Assert.Null(errors[1]);
    }

    [Fact]
    public async Task A_page_of_large_dead_letters_ends_early_and_says_where_to_go_on()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var database = await host.RedisAsync();
        for (var i = 1; i <= 600; i++)
            await database.StreamAddAsync(
                host.Keys.DeadLetters, [new("subject", new string('s', 9_000)), new("from", new string('f', 9_000))], $"{i}-0");

        var pages = new List<int>();
        for (string? after = ""; after is not null;)
        {
            var page = await host.GetJsonAsync($"dlq?limit=1000{(after.Length > 0 ? $"&after={after}" : "")}");
            Assert.True(pages.Count < 10, "The list has no end.");
            pages.Add(page.GetProperty("deadLetters").GetArrayLength());
            after = page.GetProperty("after").GetString();
        }

        Assert.InRange(pages[0], 1, 599);
        Assert.Equal(600, pages.Sum());
    }
}
