using System.Net;
using System.Text.Json;
using EmailIngestion.Consuming;
using EmailIngestion.DevServers;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Health;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class HealthTests(TestRedis redis)
{
    [Fact]
    public async Task A_process_that_can_work_lives_and_is_ready()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        Assert.Equal((HttpStatusCode.OK, "live", []), await AskAsync(host, "live"));
        Assert.Equal((HttpStatusCode.OK, "ready", []), await AskAsync(host, "ready"));
    }

    [Fact]
    public async Task A_store_of_bodies_that_is_away_is_named_and_keeps_the_process_ready()
    {
        var folder = Directory.CreateTempSubdirectory("bodies-").FullName;
        try
        {
            await using var host = await TestHost.StartAsync(redis.ConnectionString, settings =>
            {
                settings["Bodies:Store"] = "Folder";
                settings["Bodies:Folder"] = Path.Combine(folder, "volume");
            });
            await host.Partition.Bodies.Current.CheckAsync(TestContext.Current.CancellationToken);
            // A volume that is not mounted is an empty folder.
            Directory.Delete(Path.Combine(folder, "volume"), recursive: true);

            var (status, word, problems) = await AskAsync(host, "ready");
            Assert.Equal((HttpStatusCode.OK, "ready"), (status, word));
            Assert.Matches(
                @"\Aingestion:bodies: Bodies:Folder .*volume does not have the folder [0-9a-f]{16} of this system: ",
                Assert.Single(problems));
            Assert.Equal((HttpStatusCode.OK, "live", []), await AskAsync(host, "live"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Without_its_group_it_is_not_ready()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        var (status, word, problems) = await AskAsync(host, "ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready"), (status, word));
        Assert.Equal($"the consumer group of {host.Keys.Stream} is missing", Assert.Single(problems));
        var database = await host.RedisAsync();
        await database.StreamAddAsync(host.Keys.Stream, "a", "b");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(host, "ready")).Status);
        await host.Services.GetRequiredService<StreamGuard>().EnsureGroupAsync(host.Keys, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "ready")).Status);
    }

    [Fact]
    public async Task A_consumer_lives_and_is_not_ready_until_it_has_read()
    {
        // Another process has the consumer's name, so its loop cannot begin.
        var database = redis.Connection.GetDatabase();
        var name = default(RedisKey);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString,
            settings =>
            {
                settings["Consumer:Enabled"] = "true";
                settings["Consumer:Name"] = "one";
                name = new StreamKeys(settings["Streams:Partitions:0"]!).Consumer("one");
                database.StringSet(name, "another");
            },
            services => services.AddSingleton<TimeProvider>(time));
        var (status, word, problems) = await AskAsync(host, "ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready"), (status, word));
        Assert.Equal($"consumer {host.Keys.Stream} has had no success yet", Assert.Single(problems));
        Assert.Equal((HttpStatusCode.OK, "live", []), await AskAsync(host, "live"));

        await database.KeyDeleteAsync(name);
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(20));
                return (await AskAsync(host, "ready")).Status == HttpStatusCode.OK;
            },
            () => "it is ready");
    }

    [Fact]
    public async Task Without_redis_it_lives_is_not_ready_and_answers_503()
    {
        await using var server = await RedisProcess.StartAsync(
            new RedisProcessOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        await using var host = await TestHost.StartAsync($"{server.ConnectionString},connectTimeout=500,syncTimeout=500,asyncTimeout=500");
        var id = await host.MoveAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        await server.StopAsync();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "live")).Status);
        var (status, _, problems) = await AskAsync(host, "ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("Redis is not reachable", Assert.Single(problems));
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "status"), (HttpMethod.Get, "dlq"), (HttpMethod.Get, $"dlq/{id}"), (HttpMethod.Get, $"dlq/{id}/raw"),
            (HttpMethod.Post, $"dlq/{id}/replay"), (HttpMethod.Delete, $"dlq/{id}"),
        })
        {
            await Problems.AssertAsync(await host.SendAsync(method, path), HttpStatusCode.ServiceUnavailable, "Redis does not answer");
        }
    }

    [Fact]
    public async Task A_loop_that_has_gone_silent_is_named()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, configure: services => services.AddSingleton<TimeProvider>(time));
        var heartbeats = host.Services.GetRequiredService<Heartbeats>();
        heartbeats.Beat("reader", TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "live")).Status);
        Assert.Contains("reader", Assert.Single((await AskAsync(host, "ready")).Problems), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromMinutes(2));
        var (status, word, problems) = await AskAsync(host, "live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stuck"), (status, word));
        Assert.Equal("reader is silent", Assert.Single(problems));
    }

    [Fact]
    public async Task A_loop_with_work_and_no_success_is_named_with_how_long()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, configure: services => services.AddSingleton<TimeProvider>(time));
        var heartbeats = host.Services.GetRequiredService<Heartbeats>();
        heartbeats.Beat("reader", TimeSpan.FromDays(1));
        heartbeats.Waits("reader", true, TimeSpan.FromMinutes(10));
        time.Advance(TimeSpan.FromMinutes(10));
        heartbeats.Waits("reader", true, TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "live")).Status);

        time.Advance(TimeSpan.FromMinutes(1));
        heartbeats.Waits("reader", true, TimeSpan.FromMinutes(10));
        var (status, word, problems) = await AskAsync(host, "live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stuck"), (status, word));
        Assert.Equal("reader has had work and no success for 11 minutes", Assert.Single(problems));
    }

    [Fact]
    public async Task Abandoned_runs_beyond_the_limit_make_it_neither_live_nor_ready()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["Processing:MaxAbandoned"] = "1",
            services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource[] runs = [new(), new()];
        Array.ForEach(runs, run => host.Services.GetRequiredService<AbandonedRuns>().Add(run.Task));
        time.Advance(TimeSpan.FromSeconds(5));

        const string problem = "2 abandoned runs of the processor are still running (Processing:MaxAbandoned is 1)";
        foreach (var (what, expected) in new[] { ("live", "stuck"), ("ready", "not ready") })
        {
            var (status, word, problems) = await AskAsync(host, what);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, expected), (status, word));
            Assert.Contains(problem, problems);
        }

        runs[0].SetResult();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "live")).Status);
    }

    private static async Task<(HttpStatusCode Status, string Word, string[] Problems)> AskAsync(TestHost host, string what)
    {
        using var response = await host.Client.GetAsync($"health/{what}", TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (
            response.StatusCode,
            json.RootElement.GetProperty("status").GetString()!,
            [.. json.RootElement.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()!)]);
    }
}
