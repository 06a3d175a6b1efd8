using System.Globalization;
using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class BulkTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();
    private static readonly FailureRecord Refused = FailureRecord.Of("permanent", "Refused", "Row 1 is wrong");
    private static readonly FailureRecord Broken = FailureRecord.Of("max-deliveries", "HttpRequestException", "away");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replay_moves_what_the_preview_has_shown_and_no_later_ones()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw, Refused);
        var other = await host.MoveAsync(2, Raw, Broken);
        var last = await host.MoveAsync(3, Raw, Refused);
        var filter = $$"""{"fingerprint":"{{Refused.Fingerprint}}"}""";

        var (status, preview) = await host.PostAsync("dlq/replay", $$"""{"filter":{{filter}},"dryRun":true}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((2, 0, 5), (Number(preview, "count"), Number(preview, "skipped"), Number(preview, "maxReplays")));
        Assert.Equal(last, preview.GetProperty("until").GetString());
        Assert.Equal(3, await LengthAsync(host));
        var later = await host.MoveAsync(4, Raw, Refused);
        var token = preview.GetProperty("token").GetString();
        using var accepted = await host.SendAsync(HttpMethod.Post, "dlq/replay", $$"""{"filter":{{filter}},"token":"{{token}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = JsonDocument.Parse(await accepted.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("id").GetString()!;
        var location = new Uri(accepted.RequestMessage!.RequestUri!, accepted.Headers.Location!);
        Assert.EndsWith($"/api/jobs/{id}", location.AbsolutePath, StringComparison.Ordinal);

        var job = await host.JobAsync(id, JobState.Completed);
        Assert.Equal((2, 2, 0, 0), Counts(job));
        Assert.Equal(("replay", "default"), (job.GetProperty("kind").GetString(), job.GetProperty("who").GetString()));
        Assert.Equal(Refused.Fingerprint, job.GetProperty("filter").GetProperty("fingerprint").GetString());
        Assert.Equal([other, later], await IdsAsync(host));
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        var read = await group.Reader.ReadAsync(10, TimeSpan.FromMilliseconds(100), Cancel);
        Assert.Equal([1u, 3u], read.Select(delivery => delivery.Message!.Uid));
    }

    [Fact]
    public async Task A_preview_of_too_many_ends_where_it_has_read_and_so_does_its_job()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var database = await host.RedisAsync();
        var ids = Enumerable.Range(1, 1_200).Select(i => $"{i}-0").ToArray();
        await Task.WhenAll(ids.Select(id => database.StreamAddAsync(host.Keys.DeadLetters, [new("mailbox", "ann/INBOX")], id)));
        var bulk = host.Services.GetRequiredService<BulkOperations>();

        var preview = await bulk.PreviewAsync(host.Partition, BulkAction.Purge, DeadLetterFilter.All, most: 500, Cancel);
        Assert.Equal((500, "500-0", false), (preview.Count, preview.Until, preview.Whole));
        var (_, job) = await host.PostAsync("dlq/purge", $$"""{"token":"{{preview.Token}}"}""");
        Assert.Equal((500, 500, 0, 0), Counts(await host.JobAsync(job.GetProperty("id").GetString()!, JobState.Completed)));
        Assert.Equal(700, await LengthAsync(host));

        // The 500 dead letters that are read do not match, and 200 more follow them.
        preview = await bulk.PreviewAsync(host.Partition, BulkAction.Replay, new() { Mailbox = "bob/INBOX" }, most: 500, Cancel);
        Assert.Equal((0, "1000-0", false), (preview.Count, preview.Until, preview.Whole));
        preview = await bulk.PreviewAsync(host.Partition, BulkAction.Purge, DeadLetterFilter.All, most: 1_000, Cancel);
        Assert.Equal((700, "1200-0", true), (preview.Count, preview.Until, preview.Whole));
    }

    [Fact]
    public async Task A_purge_deletes_the_messages_too()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var kept = await host.MoveAsync(1, Raw);
        var gone = await host.MoveAsync(22, Raw);
        var job = await host.JobAsync(await host.StartAsync("purge", """{"text":"EMAIL 22"}"""), JobState.Completed);
        Assert.Equal((1, 1, 0, 0), Counts(job));
        Assert.Equal([kept], await IdsAsync(host));
        Assert.False(await (await host.RedisAsync()).KeyExistsAsync(host.Keys.DeadLetterBody(gone)));
    }

    [Fact]
    public async Task A_replay_skips_what_was_replayed_too_often_and_counts_what_it_cannot_do()
    {
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["Operations:MaxReplays"] = "2");
        var database = await host.RedisAsync();
        await host.MoveAsync(1, Raw);
        for (var i = 0; i < 3; i++)
            await database.StreamAddAsync(host.Keys.DeadLetters, [new("body", "whole"), new("raw", "x"), new("replays", 2)]);
        await host.AppendAsync(9, [], FailureRecord.Of("oversize", "oversize", "too large"));
        var (_, preview) = await host.PostAsync("dlq/replay", """{"dryRun":true}""");
        Assert.Equal((2, 3), (Number(preview, "count"), Number(preview, "skipped")));

        var job = await host.JobAsync(await host.StartAsync("replay"), JobState.Completed);
        Assert.Equal((5, 1, 3, 1), Counts(job));
        Assert.Equal(4, await LengthAsync(host));
    }

    [Fact]
    public async Task A_token_confirms_its_own_action_and_filter_once()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var (_, preview) = await host.PostAsync("dlq/replay", """{"filter":{"mailbox":"ann@example.org/INBOX"},"dryRun":true}""");
        var token = preview.GetProperty("token").GetString();
        foreach (var (action, body) in new[]
        {
            ("purge", $$"""{"filter":{"mailbox":"ann@example.org/INBOX"},"token":"{{token}}"}"""),
            ("replay", $$"""{"filter":{},"token":"{{token}}"}"""),
            ("replay", $$"""{"filter":{"mailbox":"ann@example.org/INBOX"},"token":"{{token}}x"}"""),
        })
            await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, $"dlq/{action}", body), HttpStatusCode.Conflict, "dryRun");
        Assert.Equal(1, await LengthAsync(host));
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "dlq/replay", """{"filter":{}}"""), HttpStatusCode.BadRequest, "token is missing");

        var good = $$"""{"filter":{"mailbox":"ann@example.org/INBOX"},"token":"{{token}}"}""";
        var (status, job) = await host.PostAsync("dlq/replay", good);
        Assert.Equal(HttpStatusCode.Accepted, status);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, "dlq/replay", good), HttpStatusCode.Conflict, "dryRun");
        await host.JobAsync(job.GetProperty("id").GetString()!, JobState.Completed);
    }

    [Fact]
    public async Task A_token_that_is_too_old_starts_nothing()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var (_, preview) = await host.PostAsync("dlq/purge", """{"dryRun":true}""");
        var token = preview.GetProperty("token").GetString()!;
        var key = host.Keys.Preview(PreviewStore.Digest(token));
        var database = await host.RedisAsync();
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10));
        await database.KeyExpireAsync(key, TimeSpan.Zero);
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "dlq/purge", $$"""{"token":"{{token}}"}"""), HttpStatusCode.Conflict, "too old");
        Assert.Equal(1, await LengthAsync(host));
    }

    [Fact]
    public async Task What_is_gone_since_the_preview_is_skipped()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var first = await host.MoveAsync(1, Raw);
        await host.MoveAsync(2, Raw);
        var (_, preview) = await host.PostAsync("dlq/purge", """{"dryRun":true}""");
        (await host.SendAsync(HttpMethod.Delete, $"dlq/{first}")).Dispose();
        var (status, job) = await host.PostAsync("dlq/purge", $$"""{"token":"{{preview.GetProperty("token").GetString()}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        var ended = await host.JobAsync(job.GetProperty("id").GetString()!, JobState.Completed);
        Assert.Equal((2, 1), (Number(ended, "total"), Number(ended, "done")));
        Assert.Equal(0, await LengthAsync(host));
    }

    [Theory]
    [InlineData("""{"filter":{"mailbx":"x"},"dryRun":true}""", "filter.mailbx")]
    [InlineData("""{"filter":{"from":"yesterday"},"dryRun":true}""", "filter.from is 'yesterday'")]
    [InlineData("""{"filter":{"from":"2026-02-01","to":"2026-01-01"},"dryRun":true}""", "after filter.to")]
    [InlineData("""{"dryRun":"yes"}""", "dryRun")]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"filter":{"mailbox":""},"dryRun":true}""", "filter.mailbox is empty")]
    [InlineData("""{"filter":{"fingerprint":""},"dryRun":true}""", "filter.fingerprint is empty")]
    [InlineData("""{"filter":{"reason":""},"dryRun":true}""", "filter.reason is empty")]
    [InlineData("""{"filter":{"errorType":""},"dryRun":true}""", "filter.errorType is empty")]
    [InlineData("""{"filter":{"from":""},"dryRun":true}""", "filter.from is empty")]
    [InlineData("""{"filter":{"to":""},"dryRun":true}""", "filter.to is empty")]
    [InlineData("""{"filter":{"text":" "},"dryRun":true}""", "filter.text is empty")]
    public async Task A_wrong_body_names_the_field(string body, string says)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, "dlq/replay", body), HttpStatusCode.BadRequest, says);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, "dlq/purge", body), HttpStatusCode.BadRequest, says);
    }

    [Theory]
    [InlineData("newest=1", "newest is '1'")]
    [InlineData("from=now", "from is 'now'")]
    [InlineData("to=2026-13-01", "to is '2026-13-01'")]
    public async Task A_wrong_filter_in_the_address_is_named(string query, string says)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"dlq?{query}"), HttpStatusCode.BadRequest, says);
    }

    [Fact]
    public async Task Each_part_of_a_filter_selects()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var first = await host.MoveAsync(1, Raw, Refused);
        var second = await host.MoveAsync(2, Raw, Broken, "bob@example.org/INBOX");
        var time = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(second.Split('-')[0], CultureInfo.InvariantCulture));
        Assert.Equal([first], await IdsAsync(host, "reason=permanent"));
        Assert.Equal([second], await IdsAsync(host, "errorType=HttpRequestException"));
        Assert.Equal([second], await IdsAsync(host, "text=email%202"));
        Assert.Equal([first, second], await IdsAsync(host, "text=BOB@"));
        Assert.Equal([second], await IdsAsync(host, $"from={time:yyyy-MM-ddTHH:mm:ss.fffZ}"));
        Assert.Equal([second], await IdsAsync(host, $"to={time:yyyy-MM-ddTHH:mm:ss.fffZ}&mailbox=bob@example.org/INBOX"));
        Assert.Empty(await IdsAsync(host, $"from={time.AddDays(1):yyyy-MM-dd}"));
        Assert.Equal([second, first], await IdsAsync(host, "newest=true"));
        var page = await host.GetJsonAsync("dlq?newest=true&limit=1");
        Assert.Equal(second, page.GetProperty("after").GetString());
        Assert.Equal([first], await IdsAsync(host, $"newest=true&after={second}"));
        Assert.Equal([first], await IdsAsync(host, $"newest=true&after={second}&fingerprint={Refused.Fingerprint}"));
    }

    private static (long, long, long, long) Counts(JsonElement job) =>
        (Number(job, "total"), Number(job, "done"), Number(job, "skipped"), Number(job, "failed"));

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private static async Task<string[]> IdsAsync(TestHost host, string query = "") =>
    [
        .. (await host.GetJsonAsync($"dlq?{query}")).GetProperty("deadLetters").EnumerateArray()
            .Select(deadLetter => deadLetter.GetProperty("id").GetString()!),
    ];

    private static async Task<long> LengthAsync(TestHost host) => await (await host.RedisAsync()).StreamLengthAsync(host.Keys.DeadLetters);
}
