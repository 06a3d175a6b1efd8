using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class JobTests(TestRedis redis)
{
    private static readonly byte[] Raw = "Subject: x\r\n\r\n"u8.ToArray();
    private static readonly FailureRecord Other = FailureRecord.Of("permanent", "OtherError", "another cause");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replay_waits_at_the_stream_limit_and_continues()
    {
        await using var host = await FullAsync();
        var id = await host.StartAsync("replay");
        var job = await host.JobAsync(id, JobState.Waiting);
        Assert.Contains("Streams:MaxStreamLength", job.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await MakeRoomAsync(host);
        job = await host.JobAsync(id, JobState.Completed);
        Assert.Equal(2, job.GetProperty("done").GetInt64());
        Assert.Equal("", job.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_purge_of_other_dead_letters_overtakes_a_replay_that_waits_at_the_stream_limit()
    {
        await using var host = await FullAsync();
        await (await host.RedisAsync()).StreamAddAsync(
            host.Keys.DeadLetters, [new("body", "whole"), new("raw", "x"), new("fingerprint", Other.Fingerprint)]);
        var own = (await host.Partition.DeadLetters.ListAsync(1, null, null, null, Cancel)).Single().Fingerprint;
        var replay = await host.StartAsync("replay", $$"""{"fingerprint":"{{own}}"}""");
        await host.JobAsync(replay, JobState.Waiting);
        var purge = await host.StartAsync("purge", $$"""{"fingerprint":"{{Other.Fingerprint}}"}""");
        Assert.Equal(1, (await host.JobAsync(purge, JobState.Completed)).GetProperty("done").GetInt64());

        var job = await host.JobAsync(replay, JobState.Waiting);
        Assert.Contains("Streams:MaxStreamLength", job.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await MakeRoomAsync(host);
        Assert.Equal(2, (await host.JobAsync(replay, JobState.Completed)).GetProperty("done").GetInt64());
        // Each job is in the audit when it is created and when it ends, however often it has waited.
        Assert.Equal(4, (await host.GetJsonAsync("audit")).GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_purge_of_what_a_waiting_replay_has_selected_follows_it()
    {
        await using var host = await FullAsync();
        var replay = await host.StartAsync("replay");
        await host.JobAsync(replay, JobState.Waiting);
        var purge = await host.StartAsync("purge");
        Assert.Equal(replay, Follows(await host.JobAsync(purge, JobState.Queued)));
        var listed = (await host.GetJsonAsync("jobs")).GetProperty("jobs").EnumerateArray().Select(Follows);
        Assert.Equal([replay, null], listed);
        await MakeRoomAsync(host);
        Assert.Equal(2, (await host.JobAsync(replay, JobState.Completed)).GetProperty("done").GetInt64());
        var purged = await host.JobAsync(purge, JobState.Completed);
        Assert.Equal((0, null), (purged.GetProperty("done").GetInt64(), Follows(purged)));

        static string? Follows(JsonElement job) => job.GetProperty("follows").GetString();
    }

    [Fact]
    public async Task Jobs_of_a_partition_run_one_after_the_other()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        await host.MoveAsync(2, Raw);
        var laneLock = await LockAsync(host);
        var first = await host.StartAsync("replay");
        var second = await host.StartAsync("purge");
        var queued = await host.JobAsync(second, JobState.Queued);
        Assert.Contains("has not begun", queued.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await (await host.RedisAsync()).KeyDeleteAsync(laneLock);
        var replayed = await host.JobAsync(first, JobState.Completed);
        var purged = await host.JobAsync(second, JobState.Completed);
        Assert.Equal((2, 0), (replayed.GetProperty("done").GetInt64(), purged.GetProperty("done").GetInt64()));
        Assert.Equal("", purged.GetProperty("reason").GetString());
        Assert.True(purged.GetProperty("started").GetDateTimeOffset() >= replayed.GetProperty("ended").GetDateTimeOffset());

        var page = await host.GetJsonAsync("jobs?limit=1");
        Assert.Equal([second], Ids(page));
        Assert.Equal([first], Ids(await host.GetJsonAsync($"jobs?after={page.GetProperty("after").GetString()}")));
    }

    [Fact]
    public async Task A_job_that_was_cancelled_does_nothing_more()
    {
        await using var host = await FullAsync();
        var id = await host.StartAsync("replay");
        await host.JobAsync(id, JobState.Waiting);
        using (var response = await host.SendAsync(HttpMethod.Delete, $"jobs/{id}"))
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await MakeRoomAsync(host);
        var job = await host.JobAsync(id, JobState.Cancelled);
        Assert.Equal(0, job.GetProperty("done").GetInt64());
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Delete, $"jobs/{id}"), HttpStatusCode.Conflict, "is cancelled");
        // The next job runs, and finds all dead letters.
        Assert.Equal(2, (await host.JobAsync(await host.StartAsync("purge"), JobState.Completed)).GetProperty("done").GetInt64());
    }

    [Fact]
    public async Task A_job_that_has_not_begun_can_be_cancelled()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var laneLock = await LockAsync(host);
        var cancelled = await host.StartAsync("purge");
        (await host.SendAsync(HttpMethod.Delete, $"jobs/{cancelled}")).Dispose();
        var next = await host.StartAsync("replay");
        await (await host.RedisAsync()).KeyDeleteAsync(laneLock);
        Assert.Equal(1, (await host.JobAsync(next, JobState.Completed)).GetProperty("done").GetInt64());
        Assert.Equal(0, (await host.JobAsync(cancelled, JobState.Cancelled)).GetProperty("done").GetInt64());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("1700000000000-0")]
    [InlineData("1700000000000-0123abcd")]
    public async Task A_job_that_is_not_there_is_not_found(string id)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"jobs/{id}"), HttpStatusCode.NotFound, $"'{id}'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Delete, $"jobs/{id}"), HttpStatusCode.NotFound, $"'{id}'");
    }

    [Fact]
    public async Task A_wrong_place_in_the_list_is_named()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, "jobs?after=1-0"), HttpStatusCode.BadRequest, "after is '1-0'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, "audit?after=x"), HttpStatusCode.BadRequest, "after is 'x'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, "dlq/groups?after=x"), HttpStatusCode.BadRequest, "after is 'x'");
        Assert.Empty(Ids(await host.GetJsonAsync("jobs")));
    }

    [Fact]
    public async Task The_audit_has_the_creation_and_the_end_of_each_job()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var database = await host.RedisAsync();
        // As an older version writes it.
        await database.StreamAddAsync(
            host.Keys.Audit,
            [new("at", "2025-01-02T03:04:05Z"), new("who", "ann"), new("what", "delete"), new("letter", "1-0"), new("count", 1)]);
        var id = await host.StartAsync("purge", """{"reason":"permanent"}""");
        await host.JobAsync(id, JobState.Completed);

        var entries = (await host.GetJsonAsync("audit")).GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(
            [("bulk-purge", id, 1), ("bulk-purge", id, 1), ("delete", "1-0", 1)],
            entries.Select(entry => (
                entry.GetProperty("action").GetString(), entry.GetProperty("target").GetString(), entry.GetProperty("count").GetInt64())));
        Assert.Equal(
            ["completed: 1 done, 0 skipped, 0 failed", "created", "done"],
            entries.Select(entry => entry.GetProperty("outcome").GetString()));
        Assert.Equal("permanent", entries[0].GetProperty("filter").GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, entries[2].GetProperty("filter").ValueKind);
        var page = await host.GetJsonAsync("audit?limit=2");
        var older = await host.GetJsonAsync($"audit?after={page.GetProperty("after").GetString()}");
        Assert.Equal("ann", Assert.Single(older.GetProperty("entries").EnumerateArray()).GetProperty("who").GetString());
        Assert.Equal(JsonValueKind.Null, (await host.GetJsonAsync("audit?limit=3")).GetProperty("after").ValueKind);
    }

    [Fact]
    public async Task Only_so_many_jobs_may_wait()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await LockAsync(host);
        for (var i = 0; i < JobStore.MostOpen; i++)
            await host.StartAsync("purge");
        var (_, preview) = await host.PostAsync("dlq/purge", """{"dryRun":true}""");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "dlq/purge", $$"""{"token":"{{preview.GetProperty("token").GetString()}}"}"""),
            HttpStatusCode.Conflict,
            "cancel some");
    }

    private static string[] Ids(JsonElement page) =>
        [.. page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!)];

    // As if another process ran the jobs: none begins here until the key is deleted.
    private static async Task<string> LockAsync(TestHost host)
    {
        var key = host.Keys.JobLock("dead-letters");
        await (await host.RedisAsync()).StringSetAsync(key, "another");
        return key.ToString();
    }

    // Two dead letters, and a stream at its limit.
    private async Task<TestHost> FullAsync()
    {
        var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Streams:MaxStreamLength"] = "2");
        await host.MoveAsync(1, Raw);
        await host.MoveAsync(2, Raw);
        for (var i = 0; i < 2; i++)
            await (await host.RedisAsync()).StreamAddAsync(host.Keys.Stream, "unread", i);
        return host;
    }

    private static async Task MakeRoomAsync(TestHost host)
    {
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        var database = await host.RedisAsync();
        foreach (var entry in await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), Cancel))
            await database.StreamAcknowledgeAsync(host.Keys.Stream, EmailIngestion.Streams.StreamKeys.Group, entry.EntryId);
    }
}
