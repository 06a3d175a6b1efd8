using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class DeadLetterListTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var moved = new List<string>();
        for (uint uid = 1; uid <= 5; uid++)
            moved.Add(await host.MoveAsync(uid, Raw));

        var seen = new List<string>();
        var sizes = new List<int>();
        string? after = null;
        do
        {
            var page = await host.GetJsonAsync($"dlq?limit=2{(after is null ? "" : $"&after={after}")}");
            var ids = Ids(page);
            seen.AddRange(ids);
            sizes.Add(ids.Length);
            after = page.GetProperty("after").GetString();
        }
        while (after is not null);
        Assert.Equal(moved, seen);
        Assert.Equal([2, 2, 1], sizes);
    }

    [Fact]
    public async Task Without_dead_letters_the_page_is_empty()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var page = await host.GetJsonAsync("dlq");
        Assert.Empty(Ids(page));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("after").ValueKind);
    }

    [Theory]
    [InlineData("dlq?after=0-0", "deadLetters", 1)]
    [InlineData("dlq?after=0-0&newest=true", "deadLetters", 0)]
    [InlineData("dlq?after=00-0&newest=true&mailbox=ann@example.org/INBOX", "deadLetters", 0)]
    [InlineData("audit?after=0-0", "entries", 0)]
    public async Task A_page_may_begin_at_the_lowest_ID(string path, string list, int count)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        Assert.Equal(count, (await host.GetJsonAsync(path)).GetProperty(list).GetArrayLength());
    }

    [Theory]
    [InlineData("dlq/{0}", HttpStatusCode.NotFound)]
    [InlineData("jobs/{0}", HttpStatusCode.NotFound)]
    [InlineData("dlq?after={0}", HttpStatusCode.BadRequest)]
    [InlineData("dlq?from={0}", HttpStatusCode.BadRequest)]
    [InlineData("dlq?partition={0}", HttpStatusCode.BadRequest)]
    [InlineData("dlq/groups?after={0}", HttpStatusCode.BadRequest)]
    [InlineData("audit?limit={0}", HttpStatusCode.BadRequest)]
    public async Task A_refusal_does_not_repeat_all_of_a_long_value(string path, HttpStatusCode status)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        using var response = await host.SendAsync(
            HttpMethod.Get, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, new string('7', 7_000)));
        Assert.Equal(status, response.StatusCode);
        Assert.InRange((await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length, 1, 1_000);
    }

    [Fact]
    public async Task Filters_find_what_is_alike()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var refused = FailureRecord.Of("permanent", "Refused", "Row 1 is wrong");
        var broken = FailureRecord.Of("max-deliveries", "HttpRequestException", "away");
        var first = await host.MoveAsync(1, Raw, refused);
        var second = await host.MoveAsync(2, Raw, broken);
        var third = await host.MoveAsync(1, Raw, refused, "bob@example.org/[Gmail]/All Mail & more");

        Assert.Equal([first, third], Ids(await host.GetJsonAsync($"dlq?fingerprint={refused.Fingerprint}")));
        Assert.Equal([first, second], Ids(await host.GetJsonAsync("dlq?mailbox=ann@example.org/INBOX")));
        Assert.Equal(
            [third], Ids(await host.GetJsonAsync($"dlq?mailbox={Uri.EscapeDataString("bob@example.org/[Gmail]/All Mail & more")}")));
        Assert.Equal([second], Ids(await host.GetJsonAsync($"dlq?mailbox=ann@example.org/INBOX&fingerprint={broken.Fingerprint}")));
        Assert.Empty(Ids(await host.GetJsonAsync("dlq?mailbox=ann@example.org")));
    }

    [Fact]
    public async Task A_filtered_page_reads_on_until_it_is_full()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var database = await host.RedisAsync();
        for (var i = 1; i <= 450; i++)
            await database.StreamAddAsync(host.Keys.DeadLetters, [new("mailbox", i % 150 == 0 ? "rare" : "often")], $"{i}-0");
        var page = await host.GetJsonAsync("dlq?mailbox=rare&limit=2");
        Assert.Equal(["150-0", "300-0"], Ids(page));
        Assert.Equal("300-0", page.GetProperty("after").GetString());
        Assert.Equal(["450-0"], Ids(await host.GetJsonAsync("dlq?mailbox=rare&limit=2&after=300-0")));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("after=yesterday", "after")]
    [InlineData("after=1", "after")]
    [InlineData("after=99999999999999999999-0", "after")]
    [InlineData("after=18446744073709551615-18446744073709551615", "after")]
    [InlineData("partition=other", "partition")]
    [InlineData("partition=a&partition=b", "partition")]
    public async Task A_wrong_parameter_is_named(string query, string parameter)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"dlq?{query}"), HttpStatusCode.BadRequest, $"{parameter} is '");
    }

    [Theory]
    [InlineData("limit=1000")]
    [InlineData("limit=1")]
    [InlineData("limit=")]
    [InlineData("after=18446744073709551614-18446744073709551615")]
    public async Task The_limits_themselves_are_good(string query)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        Assert.Empty(Ids(await host.GetJsonAsync($"dlq?{query}")));
    }

    [Fact]
    public async Task Of_several_partitions_one_must_be_chosen()
    {
        var other = $"t{Guid.NewGuid():N}";
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Streams:Partitions:1"] = other);
        var id = await host.MoveAsync(1, Raw);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, "dlq"), HttpStatusCode.BadRequest, other);
        Assert.Equal([id], Ids(await host.GetJsonAsync($"dlq?partition={host.Partition.Name}")));
        Assert.Empty(Ids(await host.GetJsonAsync($"dlq?partition={other}")));
        using var response = await host.SendAsync(HttpMethod.Get, $"dlq/{id}?partition={other}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("deadLetters").EnumerateArray().Select(deadLetter => deadLetter.GetProperty("id").GetString()!)];
}
